using System.Text;
using System.Xml.Linq;
using static Sigma.Training.Report.Html;

namespace Sigma.Training.Report;

/// <summary>Draws a curve: axes with ticks at round values, thin raw points, the smoothed line, a reference level.</summary>
internal sealed class CurveChart
{
    private const double Width = 440, Height = 240, Left = 52, Right = 22, Top = 14, Bottom = 36;

    private readonly ReportCurve _curve;
    private readonly CurveSamples _samples;
    private readonly double? _reference;
    private readonly Axis _steps;
    private readonly Axis _values;

    private CurveChart(ReportCurve curve, CurveSamples samples)
    {
        _curve = curve;
        _samples = samples;
        _reference = curve.Reference is { } level && CurveSamples.Drawable(level) ? level : null;
        var stretches = samples.Stretches;
        var steps = samples.Missing.Append(stretches[0].First).Append(stretches[^1].Last).ToArray();
        _steps = Axis.Covering(steps.Min(), steps.Max(), 6, whole: curve.Points.All(p => double.IsInteger(p.Step)));
        var values = stretches.SelectMany(s => new[] { s.Lowest, s.Highest }).Concat(_reference is { } r ? [r] : []).ToArray();
        _values = Axis.Covering(values.Min(), values.Max(), 5).ToTicks();
    }

    /// <summary>The figure of a curve, or a sentence in its place where there is nothing to draw.</summary>
    public static XElement Figure(ReportCurve curve)
    {
        var samples = CurveSamples.Of(curve);
        var missing = curve.Points.Count(p => !CurveSamples.Drawable(p.Value));
        var drawn = samples.Stretches.Count > 0;
        return Element("figure", Class("curve"),
            Element("figcaption",
                Element("strong", curve.Title), curve.Unit.Length > 0 ? $" ({curve.Unit})" : null,
                drawn ? Element("span", Class("ends"), Ends(curve)) : null),
            drawn ? new CurveChart(curve, samples).Drawing() : Element("p", Class("note"), "No finite value was recorded."),
            missing > 0
                ? Element("p", Class("bad"), $"✗ {missing} of {curve.Points.Count} values {(missing == 1 ? "is" : "are")} not finite" +
                    (drawn ? "; crosses at the top mark their steps." : "."))
                : null);
    }

    private static string Ends(ReportCurve curve)
    {
        var points = curve.Points.Where(p => CurveSamples.Drawable(p.Step) && CurveSamples.Drawable(p.Value)).OrderBy(p => p.Step).ToArray();
        return points.Length == 1 ? Number(points[0].Value) : $"{Number(points[0].Value)} → {Number(points[^1].Value)}";
    }

    private XElement Drawing() => Element("svg", Class("chart"),
        Attribute("viewBox", $"0 0 {Width} {Height}"), Attribute("role", "img"),
        Attribute("aria-label", $"{_curve.Title}: {Ends(_curve)} over steps {Number(_samples.Stretches[0].First)} to {Number(_samples.Stretches[^1].Last)}"),
        Grid(), ReferenceLine(), Dots(), Line(), Crosses(), ReferenceName(), HoverTitles());

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
        _reference is { } level ? Segment("reference", Left, Y(level), Width - Right, Y(level)) : null;

    // Above the level, except where that would leave the chart; on the side where the curve is farther away.
    private XElement? ReferenceName()
    {
        if (_reference is not { } level)
            return null;
        var words = $"{_curve.ReferenceName ?? "reference"} {Number(level)}";
        var y = Y(level) < Top + 16 ? Y(level) + 15 : Y(level) - 5;
        var width = words.Length * 7;
        var left = Clearance(Left, Left + width, y) > Clearance(Width - Right - width, Width - Right, y);
        return Text("reference-name", left ? "start" : "end", left ? Left + 4 : Width - Right, y, words);
    }

    private double Clearance(double from, double to, double y) => _samples.Line
        .Where(p => X(p.Step) >= from && X(p.Step) <= to).Select(p => Math.Abs(Y(p.Value) - (y - 4))).DefaultIfEmpty(Height).Min();

    // Of many points, how far each stretch reaches; of few, each point: a stroke of no length with round ends is a dot.
    private XElement Dots() => _samples.Points.Count > 0
        ? Element("path", Class(_samples.Smoothed ? "dots" : "marks"),
            Attribute("d", Path(_samples.Points, p => $"M{Pixel(X(p.Step))} {Pixel(Y(p.Value))}h0")))
        : Element("path", Class("reach"),
            Attribute("d", Path(_samples.Stretches, s => $"M{Pixel(X((s.First + s.Last) / 2))} {Pixel(Y(s.Lowest))}V{Pixel(Y(s.Highest))}")));

    private XElement Line() => Element("path", Class("line"),
        Attribute("d", Path(_samples.Line, p => $"L{Pixel(X(p.Step))} {Pixel(Y(p.Value))}", "M")));

    private XElement? Crosses() => _samples.Missing.Count == 0 ? null : Element("path", Class("crosses"),
        Attribute("d", string.Concat(_samples.Missing.Select(s => Math.Round(X(s))).Distinct().Select(x => $"M{x - 3} {Top - 10}l6 6m0 -6l-6 6"))));

    private IEnumerable<XElement> HoverTitles()
    {
        var stretches = _samples.Stretches;
        for (var i = 0; i < stretches.Count; i++)
        {
            var start = i == 0 ? Left : X((stretches[i - 1].Last + stretches[i].First) / 2);
            var end = i == stretches.Count - 1 ? Width - Right : X((stretches[i].Last + stretches[i + 1].First) / 2);
            yield return Element("rect", Class("hover"),
                Attribute("x", start), Attribute("y", Top), Attribute("width", end - start), Attribute("height", Height - Bottom - Top),
                Element("title", Describe(stretches[i])));
        }
    }

    private static string Describe(CurveStretch stretch) => stretch.First.Equals(stretch.Last)
        ? $"step {Number(stretch.First)}: {Number(stretch.Mean)}"
        : $"steps {Number(stretch.First)} to {Number(stretch.Last)}: mean {Number(stretch.Mean)}, " +
            $"from {Number(stretch.Lowest)} to {Number(stretch.Highest)}";

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
