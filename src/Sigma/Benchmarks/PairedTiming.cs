using System.Diagnostics;

namespace Sigma.Benchmarks;

/// <summary>
/// Two ways of computing the same, timed alternately in one run: on a machine that others use too, the quotient of two
/// neighbours says more than either time.
/// </summary>
/// <param name="Ours">Median seconds of ours.</param>
/// <param name="Plain">Median seconds of the plain way.</param>
/// <param name="Ratio">Median over the pairs of plain / ours: how many times faster ours is.</param>
public sealed record PairedTiming(double Ours, double Plain, double Ratio)
{
    /// <summary>
    /// Runs each once to warm up, then in pairs; every second pair begins with the other one.
    /// </summary>
    /// <param name="ours">One round of ours.</param>
    /// <param name="plain">One round of the plain way.</param>
    /// <param name="pairs">How many pairs, at least 1.</param>
    public static PairedTiming Measure(Action ours, Action plain, int pairs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, 1);
        ours();
        plain();
        var times = new (double Ours, double Plain)[pairs];
        for (var i = 0; i < pairs; i++)
        {
            if (i % 2 == 0)
            {
                times[i].Ours = Seconds(ours);
                times[i].Plain = Seconds(plain);
            }
            else
            {
                times[i].Plain = Seconds(plain);
                times[i].Ours = Seconds(ours);
            }
        }
        return new(Median(times.Select(t => t.Ours)), Median(times.Select(t => t.Plain)), Median(times.Select(t => t.Plain / t.Ours)));
    }

    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>How long an action takes.</summary>
    internal static double Seconds(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }
}
