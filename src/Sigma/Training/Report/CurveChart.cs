using System.Text;
using System.Xml.Linq;
using static Sigma.Training.Report.Html;

namespace Sigma.Training.Report;

/// <summary>Draws a curve, or several: axes with ticks at round values, thin raw points, the smoothed line, a reference level.</summary>
internal sealed class CurveChart
{
    private const double Width = 440, Height = 240, Left = 52, Right = 22, Top = 14, Bottom = 36;

    private readonly string _title;
    private readonly ChartLine[] _lines;
    private readonly ReferenceLevel? _reference;
    private readonly Axis _steps;
    private readonly Axis _values;

    private CurveChart(string title, ChartLine[] lines, ReferenceLevel? reference)
    {
        (_title, _lines) = (title, lines);
        _reference = reference is { } level && CurveSamples.Drawable(level.Value) ? level : null;
        var stretches = lines.SelectMany(l => l.Samples.Stretches).ToArray();
        var steps = lines.SelectMany(l => l.Samples.Curve.Missing).Concat(stretches.SelectMany(s => new[] { s.First, s.Last })).ToArray();
        _steps = Axis.Covering(steps.Min(), steps.Max(), 6, whole: lines.All(l => l.Samples.Curve.WholeSteps));
        // Of several, the lines alone are drawn.
        var heights = lines.Length > 1 ? lines.SelectMany(l => l.Samples.Line).Select(p => p.Value) : stretches.SelectMany(s => new[] { s.Lowest, s.Highest });
        var values = heights.Concat(_reference is { } r ? [r.Value] : []).ToArray();
        _values = Axis.Covering(values.Min(), values.Max(), 5).ToTicks();
    }

    /// <summary>The figure of a curve, or a sentence in its place where there is nothing to draw.</summary>
    public static XElement Figure(ReportCurve curve) => Figure(
        curve.Title, curve.Unit, [new(CurveSamples.Of(curve))], curve.Reference is { } level ? new(level, curve.ReferenceName ?? "reference") : null);

    /// <summary>The figure of several curves, laid over one another.</summary>
    /// <param name="title">What is measured.</param>
    /// <param name="unit">Its unit; empty where there is none.</param>
    /// <param name="lines">The curves, at least one.</param>
    /// <param name="reference">A level to compare with.</param>
    public static XElement Figure(string title, string unit, IReadOnlyList<ChartLine> lines, ReferenceLevel? reference = null)
    {
        var drawn = lines.Where(l => l.Samples.Stretches.Count > 0).ToArray();
        return Element("figure", Class("curve"),
            Element("figcaption",
                Element("strong", title), unit.Length > 0 ? $" ({unit})" : null,
                drawn.Length > 0 && lines.Count == 1 ? Element("span", Class("ends"), Ends(lines[0])) : null),
            drawn.Length > 0 ? new CurveChart(title, drawn, reference).Drawing() : Element("p", Class("note"), "No finite value was recorded."),
            lines.Where(l => l.Samples.Curve.MissingCount > 0).Select(NotFinite));
    }

    private static XElement NotFinite(ChartLine line)
    {
        var (missing, count) = (line.Samples.Curve.MissingCount, line.Samples.Curve.Count);
        return Element("p", Class("bad"), $"✗ {(line.Name is { } name ? $"{name}: " : "")}{missing} of {count} values {(missing == 1 ? "is" : "are")} not finite" +
            (line.Samples.Stretches.Count > 0 ? "; crosses at the top mark their steps." : "."));
    }

    private static string Ends(ChartLine line) => line.Samples.Curve is var curve && curve.Count - curve.MissingCount == 1
        ? Number(curve.First) : $"{Number(curve.First)} → {Number(curve.Last)}";

    private XElement Drawing() => Element("svg", Class("chart"),
        Attribute("viewBox", $"0 0 {Width} {Height}"), Attribute("role", "img"),
        Attribute("aria-label", string.Join("; ", _lines.Select(l => $"{l.Name ?? _title}: {Ends(l)} over steps {Number(l.Samples.Stretches[0].First)} to {Number(l.Samples.Stretches[^1].Last)}"))),
        Grid(), ReferenceLine(), _lines.Select(line => line.Style is { } style ? Element("g", Class(style), Marks(line)) : (object)Marks(line)), ReferenceName(), HoverTitles());

    private IEnumerable<XElement?> Marks(ChartLine line)
    {
        // One over the other, points and ranges hide what they should show.
        if (_lines.Length == 1 || !line.Samples.Smoothed)
            yield return Dots(line.Samples);
        yield return Line(line.Samples);
        yield return Crosses(line.Samples);
    }

    private IEnumerable<XElement> Grid()
    {
        foreach (var tick in _values.Ticks())
        {
            yield return Segment("grid", Left, Y(tick), Width - Right, Y(tick));
            yield return Text("tick", "end", Left - 6, Y(tick) + 4, _values.Label(tick));
        }
        yield return Segment("axis", Left, Height - Bottom, Width - Right, Height - Bottom);
        foreach (var tick in _steps.Ticks())
        {
            yield return Segment("axis", X(tick), Height - Bottom, X(tick), Height - Bottom + 4);
            yield return Text("tick", "middle", X(tick), Height - Bottom + 17, _steps.Label(tick));
        }
        yield return Text("tick", "middle", (Left + Width - Right) / 2, Height - 3, "step");
    }

    private XElement? ReferenceLine() =>
        _reference is { } level ? Segment("reference", Left, Y(level.Value), Width - Right, Y(level.Value)) : null;

    // Above the level, except where that would leave the chart; on the side where the curve is farther away.
    private XElement? ReferenceName()
    {
        if (_reference is not { } level)
            return null;
        var words = $"{level.Name} {Number(level.Value)}";
        var y = Y(level.Value) < Top + 16 ? Y(level.Value) + 15 : Y(level.Value) - 5;
        var width = words.Length * 7;
        var left = Clearance(Left, Left + width, y) > Clearance(Width - Right - width, Width - Right, y);
        return Text("reference-name", left ? "start" : "end", left ? Left + 4 : Width - Right, y, words);
    }

    private double Clearance(double from, double to, double y) => _lines.SelectMany(l => l.Samples.Line)
        .Where(p => X(p.Step) >= from && X(p.Step) <= to).Select(p => Math.Abs(Y(p.Value) - (y - 4))).DefaultIfEmpty(Height).Min();

    // Of many points, how far each stretch reaches; of few, each point: a stroke of no length with round ends is a dot.
    private XElement Dots(CurveSamples samples) => samples.Points.Count > 0
        ? Element("path", Class(samples.Smoothed ? "dots" : "marks"),
            Attribute("d", Path(samples.Points, p => $"M{Pixel(X(p.Step))} {Pixel(Y(p.Value))}h0")))
        : Element("path", Class("reach"),
            Attribute("d", Path(samples.Stretches, s => $"M{Pixel(X((s.First + s.Last) / 2))} {Pixel(Y(s.Lowest))}V{Pixel(Y(s.Highest))}")));

    private XElement Line(CurveSamples samples) => Element("path", Class("line"),
        Attribute("d", Path(samples.Line, p => $"L{Pixel(X(p.Step))} {Pixel(Y(p.Value))}", "M")));

    private XElement? Crosses(CurveSamples samples) => samples.Curve.Missing.Count == 0 ? null : Element("path", Class("crosses"),
        Attribute("d", string.Concat(samples.Curve.Missing.Select(s => Math.Round(X(s))).Distinct().Select(x => $"M{x - 3} {Top - 10}l6 6m0 -6l-6 6"))));

    private IEnumerable<XElement> HoverTitles()
    {
        var stretches = _lines.MaxBy(l => l.Samples.Stretches[^1].Last - l.Samples.Stretches[0].First)!.Samples.Stretches;
        for (var i = 0; i < stretches.Count; i++)
        {
            var start = i == 0 ? Left : X((stretches[i - 1].Last + stretches[i].First) / 2);
            var end = i == stretches.Count - 1 ? Width - Right : X((stretches[i].Last + stretches[i + 1].First) / 2);
            yield return Element("rect", Class("hover"),
                Attribute("x", start), Attribute("y", Top), Attribute("width", end - start), Attribute("height", Height - Bottom - Top),
                Element("title", _lines is [{ Name: null }] ? $"{Steps(stretches[i])}: {Describe(stretches[i])}" : Compare(stretches[i])));
        }
    }

    private string Compare(CurveStretch at) => string.Join('\n', _lines
        .Select(l => (l.Name, At: l.Samples.Stretches.Where(s => s.First <= at.Last && s.Last >= at.First).ToArray()))
        .Where(l => l.At.Length > 0).Select(l => $"{l.Name}: {Describe(CurveStretch.Of(l.At))}").Prepend(Steps(at)));

    private static string Steps(CurveStretch stretch) => stretch.First.Equals(stretch.Last)
        ? $"step {Number(stretch.First)}" : $"steps {Number(stretch.First)} to {Number(stretch.Last)}";

    private static string Describe(CurveStretch stretch) => stretch.Count == 1
        ? Number(stretch.Mean) : $"mean {Number(stretch.Mean)}, from {Number(stretch.Lowest)} to {Number(stretch.Highest)}";

    private double X(double step) => Left + _steps.Share(step) * (Width - Right - Left);

    private double Y(double value) => Height - Bottom - _values.Share(value) * (Height - Bottom - Top);

    private static string Path<T>(IEnumerable<T> points, Func<T, string> command, string? start = null)
    {
        var path = new StringBuilder();
        foreach (var point in points)
            path.Append(command(point));
        if (start is not null)
            path.Replace("L", start, 0, 1);
        return path.ToString();
    }

    private static XElement Segment(string name, double x1, double y1, double x2, double y2) => Element("line", Class(name),
        Attribute("x1", x1), Attribute("y1", y1), Attribute("x2", x2), Attribute("y2", y2));

    private static XElement Text(string name, string anchor, double x, double y, string text) => Element("text", Class(name),
        Attribute("text-anchor", anchor), Attribute("x", x), Attribute("y", y), text);
}

/// <summary>A curve on a chart.</summary>
/// <param name="Samples">The curve.</param>
/// <param name="Name">Whose it is; null where it is alone.</param>
/// <param name="Style">The class that gives it its colour; null for the page's own.</param>
internal sealed record ChartLine(CurveSamples Samples, string? Name = null, string? Style = null);

/// <summary>A level to compare curves with.</summary>
/// <param name="Value">Where it lies.</param>
/// <param name="Name">What it is.</param>
internal readonly record struct ReferenceLevel(double Value, string Name);
