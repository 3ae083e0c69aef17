using Sigma.Data;

namespace Sigma.Evaluation;

/// <summary>Bounds of a confidence interval.</summary>
/// <param name="Low">Lower bound.</param>
/// <param name="High">Upper bound.</param>
public readonly record struct Interval(double Low, double High);

/// <summary>
/// Percentile intervals by the bootstrap (Efron 1979): the videos are drawn again with replacement, as many as there are,
/// many times; the interval holds the middle 95 % of the figures that come out. The draws depend on the seed and the number
/// of videos alone, so two results on the same videos are resampled alike.
/// </summary>
public static class Bootstrap
{
    /// <summary>How often the videos are drawn again.</summary>
    public const int Resamples = 1000;

    /// <summary>Share of the figures that an interval holds.</summary>
    public const double Confidence = 0.95;

    /// <summary>An interval for each of several figures over the same videos.</summary>
    /// <param name="figures">Each takes how often every video counts to a figure; NaN where that draw has none.</param>
    /// <param name="videos">V.</param>
    /// <param name="seed">Of the draws.</param>
    public static Interval[] Intervals(IReadOnlyList<ResampledFigure> figures, int videos, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(videos);
        var values = figures.Select(_ => new double[Resamples]).ToArray();
        var counts = new int[videos];
        for (var resample = 0; resample < Resamples; resample++)
        {
            Array.Clear(counts);
            var random = new CounterRandom(seed, resample, 0, Purpose.Evaluation);
            for (var i = 0; i < videos; i++)
                counts[random.NextInt(videos)]++;
            for (var f = 0; f < figures.Count; f++)
                values[f][resample] = figures[f](counts);
        }
        return [.. values.Select(Middle)];
    }

    private static Interval Middle(double[] values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted.Length == 0
            ? new(double.NaN, double.NaN)
            : new(Quantile(sorted, (1 - Confidence) / 2), Quantile(sorted, (1 + Confidence) / 2));
    }

    /// <summary>Between the two nearest of sorted values, in proportion.</summary>
    internal static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}

/// <summary>A figure over a resampling of videos.</summary>
/// <param name="counts">[V], how often each video counts.</param>
public delegate double ResampledFigure(ReadOnlySpan<int> counts);
