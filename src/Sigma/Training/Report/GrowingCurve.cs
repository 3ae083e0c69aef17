namespace Sigma.Training.Report;

/// <summary>
/// A curve that grows point by point and stays small: when it has more stretches than it may, every two become one, so that
/// each holds as many points as the others.
/// </summary>
/// <param name="most">Stretches at most.</param>
internal sealed class GrowingCurve(int most = 1000)
{
    private readonly List<CurveStretch> stretches = [];
    private readonly List<double> missing = [];
    private long pointsOfOne = 1;

    /// <summary>The curve so far, each of these the mean and the range of equally many points; of the last, of those there are.</summary>
    public IReadOnlyList<CurveStretch> Stretches => stretches;

    /// <summary>Steps whose value is not finite; of very many, the first.</summary>
    public IReadOnlyList<double> Missing => missing;

    /// <summary>Points, those without a finite value counted.</summary>
    public long Count { get; private set; }

    /// <summary>Points whose value is not finite.</summary>
    public long MissingCount { get; private set; }

    /// <summary>The first finite value.</summary>
    public double First { get; private set; }

    /// <summary>The last finite value.</summary>
    public double Last { get; private set; }

    /// <summary>Whether every step is a whole number.</summary>
    public bool WholeSteps { get; private set; } = true;

    /// <summary>Adds a point behind the others.</summary>
    /// <param name="step">Not less than the one before, and drawable.</param>
    /// <param name="value">Any.</param>
    public void Add(double step, double value)
    {
        Count++;
        WholeSteps &= double.IsInteger(step);
        if (!CurveSamples.Drawable(value))
        {
            MissingCount++;
            if (missing.Count < most)
                missing.Add(step);
            return;
        }
        First = Count - MissingCount == 1 ? value : First;
        Last = value;
        var point = CurveStretch.Of(step, value);
        if (stretches.Count > 0 && stretches[^1].Count < pointsOfOne)
            stretches[^1] = CurveStretch.Of([stretches[^1], point]);
        else if (stretches.Count < most)
            stretches.Add(point);
        else
            Halve(point);
    }

    private void Halve(CurveStretch point)
    {
        CurveStretch[] pairs = [.. stretches.Chunk(2).Select(pair => CurveStretch.Of(pair))];
        stretches.Clear();
        stretches.AddRange(pairs);
        pointsOfOne *= 2;
        if (stretches[^1].Count < pointsOfOne)
            stretches[^1] = CurveStretch.Of([stretches[^1], point]);
        else
            stretches.Add(point);
    }
}
