namespace Sigma.Training.Report;

/// <summary>A curve thinned to what a chart can show.</summary>
/// <param name="Points">Raw points; none where there are too many to tell apart, and the stretches stand for them.</param>
/// <param name="Line">The smoothed line: means over a centred window; of few points, the points themselves.</param>
/// <param name="Smoothed">True where the line is not the points themselves.</param>
/// <param name="Stretches">The whole curve cut into stretches of equally many points.</param>
/// <param name="Missing">Steps whose value is not finite.</param>
internal sealed record CurveSamples(
    IReadOnlyList<(double Step, double Value)> Points,
    IReadOnlyList<(double Step, double Value)> Line,
    bool Smoothed,
    IReadOnlyList<CurveStretch> Stretches,
    IReadOnlyList<double> Missing)
{
    private const int MostStretches = 150;
    private const int FewestToSmooth = 25;

    /// <summary>Thins a curve.</summary>
    public static CurveSamples Of(ReportCurve curve)
    {
        var ordered = curve.Points.Where(p => Drawable(p.Step)).OrderBy(p => p.Step).ToArray();
        var points = ordered.Where(p => Drawable(p.Value)).ToArray();
        var stretches = Stretch(points);
        return new CurveSamples(
            points.Length <= 2 * MostStretches ? points : [],
            Smooth(points),
            points.Length >= FewestToSmooth,
            stretches,
            [.. ordered.Where(p => !Drawable(p.Value)).Select(p => p.Step)]);
    }

    /// <summary>True for what the engine's single-precision numbers hold: what lies beyond is infinite to it.</summary>
    public static bool Drawable(double value) => Math.Abs(value) <= float.MaxValue;

    private static CurveStretch[] Stretch((double Step, double Value)[] points)
    {
        var count = Math.Min(points.Length, MostStretches);
        var stretches = new CurveStretch[count];
        for (var i = 0; i < count; i++)
            stretches[i] = CurveStretch.Of(points.AsSpan(Bound(i)..Bound(i + 1)));
        return stretches;

        int Bound(int i) => (int)((long)i * points.Length / count);
    }

    // Steps are averaged along with values: at the ends, where the window is cut, the mean then stands where it belongs
    // and a steep beginning is not drawn late.
    private static (double Step, double Value)[] Smooth((double Step, double Value)[] points)
    {
        if (points.Length < FewestToSmooth)
            return points;
        var half = Math.Max(1, points.Length / 50);
        var count = Math.Min(points.Length, MostStretches);
        var line = new (double Step, double Value)[count];
        for (var i = 0; i < count; i++)
        {
            var centre = (int)((long)i * (points.Length - 1) / (count - 1));
            line[i] = CurveStretch.AverageOf(points.AsSpan(Math.Max(0, centre - half)..Math.Min(points.Length, centre + half + 1)));
        }
        return line;
    }
}

/// <summary>A stretch of a curve.</summary>
/// <param name="First">Its first step.</param>
/// <param name="Last">Its last step.</param>
/// <param name="Mean">The mean value.</param>
/// <param name="Lowest">The lowest value, so that no spike is lost.</param>
/// <param name="Highest">The highest value.</param>
internal readonly record struct CurveStretch(
    double First, double Last, double Mean, double Lowest, double Highest)
{
    /// <summary>What a stretch of at least one point holds.</summary>
    public static CurveStretch Of(ReadOnlySpan<(double Step, double Value)> points)
    {
        var (lowest, highest) = (points[0].Value, points[0].Value);
        foreach (var point in points)
        {
            lowest = Math.Min(lowest, point.Value);
            highest = Math.Max(highest, point.Value);
        }
        return new CurveStretch(points[0].Step, points[^1].Step, AverageOf(points).Value, lowest, highest);
    }

    /// <summary>The mean step and the mean value.</summary>
    public static (double Step, double Value) AverageOf(ReadOnlySpan<(double Step, double Value)> points)
    {
        var (step, value) = (0.0, 0.0);
        foreach (var point in points)
            (step, value) = (step + point.Step, value + point.Value);
        return (step / points.Length, value / points.Length);
    }
}
