using System.Xml.Linq;
using Sigma.Recipes;
using Sigma.Training.Report;
using static Sigma.Training.Report.Html;

namespace Sigma.Board;

/// <summary>The page as it is now: the list of runs, and of the chosen ones what differs between their recipes and their curves.</summary>
/// <param name="folder">The runs.</param>
internal sealed class BoardPage(RunsFolder folder)
{
    /// <summary>Runs that can be told apart on a chart.</summary>
    public const int MostChosen = 16;

    /// <summary>Renders the page.</summary>
    /// <param name="asked">Names of the runs to draw; null leaves the choice to the page: those that run, else the one that moved last.</param>
    /// <param name="now">To say how long ago something was.</param>
    public string Render(IReadOnlyCollection<string>? asked, DateTime now)
    {
        var runs = folder.Look();
        var chosen = Choose(runs, asked).Select(r => r.Run).Take(MostChosen).ToList();
        var running = runs.Count(r => r.Status.Phase == RunPhase.Running);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder.Path)) is { Length: > 0 } last ? last : folder.Path;
        var page = Element("html", Attribute("lang", "en"),
            Element("head",
                Element("meta", Attribute("charset", "utf-8")),
                Element("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1")),
                Element("link", Attribute("rel", "icon"), Attribute("href", "data:,")),
                Element("link", Attribute("rel", "stylesheet"), Attribute("href", "board.css")),
                Element("title", running > 0 ? $"{running} running · {name}" : name),
                Element("script", Attribute("src", "board.js"), Attribute("defer", "defer"))),
            Element("body",
                Element("h1", "Runs in ", Element("span", folder.Path)),
                Element("p", Attribute("id", "lost"), Class("bad"), Attribute("hidden", "hidden")),
                Element("main", Attribute("id", "board"), Attribute("data-parts", "yes"), Attribute("data-pause", running > 0 ? 2 : 5),
                    runs.Count > 0 ? RunTable.Section(runs, chosen, now) : Waiting(),
                    Differences(chosen), CurveSections.Of(chosen))));
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static IEnumerable<(WatchedRun Run, RunStatus Status)> Choose(IReadOnlyList<(WatchedRun Run, RunStatus Status)> runs, IReadOnlyCollection<string>? asked)
    {
        if (asked is not null)
            return runs.Where(r => asked.Contains(r.Run.Name));
        var running = runs.Where(r => r.Status.Phase == RunPhase.Running).ToArray();
        return running.Length > 0 || runs.Count == 0 ? running : [runs.MaxBy(r => r.Status.Moved)];
    }

    private XElement Waiting() => Element("section", Attribute("id", "runs"),
        Element("p", Class("summary"), "No run yet. This page shows the first one by itself as soon as it begins, for instance by"),
        Element("pre", $"sigma pretrain recipes/laptop.yaml --data VIDEOS --out {Path.Combine(folder.Path, "mine")}"));

    private static XElement Differences(List<WatchedRun> chosen)
    {
        var recipes = chosen.Select(run => (run.Name, Settings: run.Recipe())).Where(r => r.Settings.Count > 0).ToArray();
        var section = Element("section", Attribute("id", "differences"));
        if (recipes.Length < 2)
            return section;
        // What only one kind of run has tells nothing of the others.
        var rows = RecipeDifference.Among([.. recipes.Select(r => r.Settings)]).Where(setting => setting.Values.OfType<string>().Distinct().Count() > 1)
            .Select(setting => (string[])[setting.Key, .. setting.Values.Select(value => value ?? "–")]).ToArray();
        section.Add(TableFigure.Section(new(
            "What differs between their recipes", ["", .. recipes.Select(r => r.Name)], rows, rows.Length > 0 ? null : "Nothing: their recipes are the same.")));
        return section;
    }
}
