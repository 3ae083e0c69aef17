using System.Globalization;
using System.Xml.Linq;
using Sigma.Training.Report;
using static Sigma.Training.Report.Html;

namespace Sigma.Board;

/// <summary>Lays out the list of runs: those that run first, then those that moved last.</summary>
internal static class RunTable
{
    private const int LongestNote = 240;

    /// <summary>The section of the list.</summary>
    /// <param name="runs">All of them.</param>
    /// <param name="chosen">Those that are drawn, in the order of their colours.</param>
    /// <param name="now">To say how long ago something was.</param>
    public static XElement Section(IReadOnlyList<(WatchedRun Run, RunStatus Status)> runs, List<WatchedRun> chosen, DateTime now)
    {
        var tuning = runs.Any(r => r.Status.FineTunes);
        string[] header = ["", "run", "state", "step", "loss", .. tuning ? ["top-1"] : Array.Empty<string>(), "clips/s", "waiting", "left", "moved", "files"];
        return Element("section", Attribute("id", "runs"), Class("runs"), Attribute("data-parts", "yes"),
            Element("table", Attribute("data-parts", "yes"),
                Element("thead", Element("tr", header.Select(name => Element("th", Attribute("scope", "col"), name)))),
                Element("tbody", Attribute("data-parts", "yes"), runs
                    .OrderByDescending(r => r.Status.Phase == RunPhase.Running)
                    .ThenByDescending(r => r.Status.Phase == RunPhase.Running ? default : r.Status.Moved)
                    .Select(r => Row(r.Run, r.Status, chosen.IndexOf(r.Run), tuning, now)))));
    }

    /// <summary>The class that gives a chosen run its colour.</summary>
    public static string Style(int place) => string.Create(CultureInfo.InvariantCulture, $"run-{place}");

    private static XElement Row(WatchedRun run, RunStatus status, int place, bool tuning, DateTime now)
    {
        // As it stands in an address: a name may hold what an attribute cannot.
        var address = Uri.EscapeDataString(run.Name);
        var latest = status.Latest;
        return Element("tr", Attribute("id", $"row-{address}"),
            Element("td", Element("label", Element("input", Attribute("type", "checkbox"), Attribute("id", $"box-{address}"), Attribute("value", address),
                Attribute("aria-label", $"draw {run.Name}"), place >= 0 ? Attribute("checked", "checked") : null),
                Element("span", Class(place >= 0 ? $"swatch {Style(place)}" : "swatch")))),
            Element("th", Attribute("scope", "row"), run.Name, Element("span", Class("note"), status.FineTunes ? "fine-tuning" : "pre-training"),
                status.Note is { } note ? Element("span", Class("note bad"), Attribute("title", note), note.Length > LongestNote ? note[..LongestNote] + "…" : note) : null),
            Element("td", Class(Colour(status.Phase)), Words(status.Phase)),
            Element("td", latest is null ? "" : Steps(latest.Step, status.Total)),
            Element("td", latest is null ? "" : Number(latest.Loss)),
            tuning ? Element("td", status.Top1 is { } top1 ? Percent.Of(top1) : "") : null,
            Element("td", latest is null ? "" : Number(latest.ClipsPerSecond)),
            Element("td", latest is null ? "" : Percent.Of(latest.DataWait)),
            Element("td", status.SecondsLeft is { } left ? Duration(left) : ""),
            Element("td", Attribute("title", string.Create(CultureInfo.InvariantCulture, $"{status.Moved:yyyy-MM-dd HH:mm:ss} UTC")),
                $"{Duration((now - status.Moved).TotalSeconds)} ago"),
            Element("td", Class("files"), status.Files.Select(file => Element("a",
                Attribute("href", $"file?run={address}&name={file.Name}"), Attribute("target", "_blank"), file.Label))));
    }

    private static string Steps(long step, long? total) => string.Create(CultureInfo.InvariantCulture, $"{step}{(total is { } all ? $" / {all}" : "")}");

    private static string Duration(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, seconds) switch
    {
        < 90 => $"{Math.Max(0, seconds):0} s",
        < 90 * 60 => $"{seconds / 60:0} min",
        < 36 * 3600 => $"{seconds / 3600:0} h",
        _ => $"{seconds / 86400:0} d",
    }}");

    private static string Words(RunPhase phase) => phase switch
    {
        RunPhase.Running => "● running",
        RunPhase.Finished => "✓ finished",
        RunPhase.Stopped => "■ stopped",
        RunPhase.Killed => "✗ killed",
        RunPhase.Collapsed => "✗ collapsed",
        _ => "✗ failed",
    };

    private static string Colour(RunPhase phase) => phase switch
    {
        RunPhase.Running or RunPhase.Finished => "good",
        RunPhase.Stopped => "",
        _ => "bad",
    };
}
