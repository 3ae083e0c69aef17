using System.Xml.Linq;
using static Sigma.Training.Report.Html;

namespace Sigma.Training.Report;

/// <summary>Tells what a run did in one HTML file that needs nothing else: no script, no network, no other file.</summary>
public static class HtmlReport
{
    // The browser itself is told to fetch nothing, so that a report stays what it was.
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

    /// <summary>The page. All text is escaped; the markup also reads as XML.</summary>
    /// <exception cref="ArgumentException">A clip's bytes or its mask do not fit its size; the message names the clip.</exception>
    /// <exception cref="Sigma.Media.MediaException">A picture cannot be encoded.</exception>
    public static string Render(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = Element("html", Attribute("lang", "en"),
            Element("head",
                Element("meta", Attribute("charset", "utf-8")),
                Element("meta", Attribute("http-equiv", "Content-Security-Policy"), Attribute("content", Policy)),
                Element("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1")),
                Element("link", Attribute("rel", "icon"), Attribute("href", "data:,")),
                Element("title", report.Title),
                Element("style", ReportStyle.Css)),
            Element("body", Element("main",
                Element("h1", report.Title),
                Element("p", Class("summary"), report.Summary),
                report.Tables.Select(TableFigure.Section),
                Section("Training", null, "curves", report.Curves.Select(CurveChart.Figure)),
                Section("Clips and their masks", "Above, frames of the clip. Below, what the encoder sees of them: hatched tubes are hidden.",
                    "clips", report.Clips.Select(ClipFigures.Strip)),
                Section("Nearest neighbours", "Each clip with the clips whose features are nearest to its own, with class and cosine similarity.",
                    "queries", report.Neighbours.Select(ClipFigures.Neighbours)),
                Facts(report.Facts))));
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    /// <summary>Writes the page; it appears under its name when it is whole.</summary>
    /// <param name="path">Where the page goes; an existing file is replaced.</param>
    /// <param name="report">What it tells.</param>
    /// <exception cref="IOException">The disk is full or gone: nothing is left behind, and an earlier report stands.</exception>
    /// <exception cref="BadInputException">The folder may not be written.</exception>
    /// <inheritdoc cref="Render"/>
    public static void Write(string path, RunReport report) => WholeFile.WriteText(path, Render(report));

    private static IEnumerable<XElement> Section(string title, string? note, string name, IEnumerable<XElement> content)
    {
        var parts = content.ToArray();
        if (parts.Length == 0)
            yield break;
        yield return Element("h2", title);
        if (note is not null)
            yield return Element("p", Class("note"), note);
        yield return Element("div", Class(name), parts);
    }

    private static IEnumerable<XElement> Facts(IReadOnlyList<(string Name, string Value)> facts) => facts.Count == 0
        ? []
        : [Element("h2", "The run"), Element("dl", facts.Select(f => Element("div", Element("dt", f.Name), Element("dd", f.Value))))];
}
