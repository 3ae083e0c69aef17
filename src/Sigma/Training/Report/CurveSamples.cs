namespace Sigma.Training.Report;

/// <summary>A curve thinned to what a chart can show.</summary>
/// <param name="Points">Raw points; none where there are too many to tell apart, and the stretches stand for them.</param>
/// <param name="Line">The smoothed line: means over a centred window; of few points, the points themselves.</param>
/// <param name="Smoothed">True where the line is not the points themselves.</param>
/// <param name="Stretches">The whole curve cut into stretches of equally many points.</param>
/// <param name="Curve">What was thinned.</param>
internal sealed record CurveSamples(
    IReadOnlyList<(double Step, double Value)> Points,
    IReadOnlyList<(double Step, double Value)> Line,
    bool Smoothed,
    IReadOnlyList<CurveStretch> Stretches,
    GrowingCurve Curve)
{
    private const int MostStretches = 150;
    private const int FewestToSmooth = 25;

    /// <summary>Thins a curve.</summary>
    public static CurveSamples Of(ReportCurve curve)
    {
        var points = new GrowingCurve(int.MaxValue);
        foreach (var (step, value) in curve.Points.Where(p => Drawable(p.Step)).OrderBy(p => p.Step))
            points.Add(step, value);
        return Of(points);
    }

    /// <summary>Thins a curve that grows, as it is now.</summary>
    public static CurveSamples Of(GrowingCurve curve)
    {
        CurveStretch[] pieces = [.. curve.Stretches];
        var (single, count) = (pieces.Length == curve.Count - curve.MissingCount, curve.Count - curve.MissingCount);
        var smoothed = count >= FewestToSmooth;
        return new CurveSamples(
            single && count <= 2 * MostStretches ? [.. pieces.Select(p => (p.First, p.Mean))] : [],
            smoothed ? Smooth(pieces) : [.. pieces.Select(p => (p.Middle, p.Mean))],
            smoothed,
            Stretch(pieces),
            curve);
    }

    /// <summary>True for what the engine's single-precision numbers hold: what lies beyond is infinite to it.</summary>
    public static bool Drawable(double value) => Math.Abs(value) <= float.MaxValue;

    private static CurveStretch[] Stretch(CurveStretch[] pieces)
    {
        var count = Math.Min(pieces.Length, MostStretches);
        var stretches = new CurveStretch[count];
        for (var i = 0; i < count; i++)
            stretches[i] = CurveStretch.Of(pieces.AsSpan(Bound(i)..Bound(i + 1)));
        return stretches;

        int Bound(int i) => (int)((long)i * pieces.Length / count);
    }

    // Steps are averaged along with values: at the ends, where the window is cut, the mean then stands where it belongs
    // and a steep beginning is not drawn late.
    private static (double Step, double Value)[] Smooth(CurveStretch[] pieces)
    {
        var half = Math.Max(1, pieces.Length / 50);
        var count = Math.Min(pieces.Length, MostStretches);
        var line = new (double Step, double Value)[count];
        for (var i = 0; i < count; i++)
        {
            var centre = (int)((long)i * (pieces.Length - 1) / Math.Max(1, count - 1));
            line[i] = CurveStretch.AverageOf(pieces.AsSpan(Math.Max(0, centre - half)..Math.Min(pieces.Length, centre + half + 1)));
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
/// <param name="Count">Its points.</param>
internal readonly record struct CurveStretch(
    double First, double Last, double Mean, double Lowest, double Highest, long Count)
{
    /// <summary>The step in its middle.</summary>
    public double Middle => First + (Last - First) / 2;

    /// <summary>A stretch of one point.</summary>
    public static CurveStretch Of(double step, double value) => new(step, step, value, value, value, 1);

    /// <summary>At least one stretch, taken as one.</summary>
    public static CurveStretch Of(ReadOnlySpan<CurveStretch> pieces)
    {
        var (lowest, highest, count) = (pieces[0].Lowest, pieces[0].Highest, 0L);
        foreach (var piece in pieces)
        {
            lowest = Math.Min(lowest, piece.Lowest);
            highest = Math.Max(highest, piece.Highest);
            count += piece.Count;
        }
        return new CurveStretch(pieces[0].First, pieces[^1].Last, AverageOf(pieces).Value, lowest, highest, count);
    }

    /// <summary>The mean step and the mean value.</summary>
    public static (double Step, double Value) AverageOf(ReadOnlySpan<CurveStretch> pieces)
    {
        var (step, value, count) = (0.0, 0.0, 0L);
        foreach (var piece in pieces)
            (step, value, count) = (step + piece.Middle * piece.Count, value + piece.Mean * piece.Count, count + piece.Count);
        return (step / count, value / count);
    }
}
