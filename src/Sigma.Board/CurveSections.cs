using System.Globalization;
using System.Xml.Linq;
using Sigma.Training.Report;
using static Sigma.Training.Report.Html;

namespace Sigma.Board;

/// <summary>Lays out the curves of the chosen runs, laid over one another, in the order in which one looks at them.</summary>
internal static class CurveSections
{
    private const string Validation = WatchedRun.ValidationCurves, Parts = "parts/";

    private static readonly string[] NoFigures = ["epoch", Validation + "epoch", Validation + "videos"];

    private static readonly (string Title, Figure[] Figures)[] Groups =
    [
        ("Learning",
        [
            Figure.Of(RunFigure.Loss), new(Validation + "top1", "Validation top-1", "share"), new(Validation + "top5", "Validation top-5", "share"),
            new(Validation + "loss", "Validation loss", "nats"), Figure.Of(RunFigure.PrototypeUse), Figure.Of(RunFigure.LearningRate),
        ]),
        ("Health", [.. RunFigure.Health.Select(Figure.Of)]),
        ("Speed", [.. RunFigure.Speed.Select(Figure.Of)]),
    ];

    /// <summary>A section of charts.</summary>
    public static XElement Of(List<WatchedRun> chosen)
    {
        DrawnRun[] runs = [.. chosen.Select((run, place) => new DrawnRun(
            chosen.Count == 1 ? null : run.Name, RunTable.Style(place), run.Curves(), run.Recipe()))];
        var known = Groups.SelectMany(g => g.Figures).Select(f => f.Key).Concat(NoFigures).ToHashSet();
        var rest = runs.SelectMany(r => r.Curves.Keys).Where(key => !known.Contains(key)).Distinct().OrderBy(key => key, StringComparer.Ordinal)
            .ToLookup(key => key == "seconds" || key.StartsWith(Parts, StringComparison.Ordinal));
        return Element("section", Attribute("id", "curves"), Attribute("data-parts", "yes"),
            Legend(chosen),
            Groups.Select(group => Group(group.Title, group.Figures, runs)),
            Group("More", rest[false].Select(key => new Figure(key, key, "")), runs),
            Group("Seconds of an update and of its parts", rest[true].Select(key => new Figure(key, key == "seconds" ? "update" : key[Parts.Length..], "s")), runs, closed: true));
    }

    private static XElement Legend(List<WatchedRun> chosen) => chosen.Count switch
    {
        0 => Element("p", Class("note"), "Choose runs in the list to see their curves."),
        1 => Element("h2", chosen[0].Name),
        _ => Element("p", Class("legend"), chosen.Select((run, place) => Element("span", Element("span", Class($"swatch {RunTable.Style(place)}")), run.Name))),
    };

    // Kept where it is empty, so that the parts of the page stay in their places.
    private static XElement Group(string title, IEnumerable<Figure> figures, DrawnRun[] runs, bool closed = false)
    {
        var charts = figures.Select(figure => Chart(figure, runs)).OfType<XElement>().ToArray();
        var curves = Element("div", Class("curves"), Attribute("data-parts", "yes"), charts);
        return charts.Length == 0 ? Element("div")
            : closed ? Element("details", Attribute("id", "closed"), Attribute("data-parts", "yes"), Element("summary", title), curves)
            : Element("div", Attribute("data-parts", "yes"), Element("h2", title), curves);
    }

    private static XElement? Chart(Figure figure, DrawnRun[] runs)
    {
        var drawn = runs.Where(r => r.Curves.TryGetValue(figure.Key, out var curve) && curve.Count > 0).ToArray();
        if (drawn.Length == 0)
            return null;
        var isLoss = figure.Key == RunFigure.Loss.Key;
        var levels = drawn.Select(run => Level(figure.Key, run)).Distinct().ToArray();
        return CurveChart.Figure(
            figure.Title, isLoss && drawn.All(r => r.LossIsInNats) ? "nats" : figure.Unit,
            [.. drawn.Select(r => new ChartLine(CurveSamples.Of(r.Curves[figure.Key]), r.Name, r.Style))],
            levels.Length == 1 ? levels[0] : null);
    }

    private static ReferenceLevel? Level(string key, DrawnRun run) => key switch
    {
        _ when key == RunFigure.PrototypeUse.Key => new(1, "all alike"),
        _ when key == RunFigure.Loss.Key && run.Clusters && run.Recipe.TryGetValue("objective.prototypes", out var text)
            && int.TryParse(text, CultureInfo.InvariantCulture, out var prototypes) && prototypes > 1 => RunFigure.BlindGuessing(prototypes),
        _ => null,
    };

    /// <param name="Key">The curve's name in the files.</param>
    /// <param name="Title">What is measured.</param>
    /// <param name="Unit">Its unit; empty for none.</param>
    private sealed record Figure(string Key, string Title, string Unit)
    {
        public static Figure Of(RunFigure figure) => new(figure.Key, figure.Title, figure.Unit);
    }

    /// <param name="Name">Of the run; null where it is alone.</param>
    /// <param name="Style">The class of its colour.</param>
    /// <param name="Curves">By their names in the files.</param>
    /// <param name="Recipe">By full keys.</param>
    private sealed record DrawnRun(string? Name, string Style, IReadOnlyDictionary<string, GrowingCurve> Curves, IReadOnlyDictionary<string, string> Recipe)
    {
        public bool Clusters => Curves.ContainsKey(RunFigure.PrototypeUse.Key);

        public bool LossIsInNats => Clusters || Curves.ContainsKey(Validation + "loss");
    }
}
