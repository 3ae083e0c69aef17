namespace Sigma.Evaluation;

/// <summary>How one figure differs between two results on the same videos.</summary>
/// <param name="Name">Of the figure.</param>
/// <param name="A">In the first result.</param>
/// <param name="B">In the second.</param>
/// <param name="Difference">B − A.</param>
/// <param name="Interval">Of the difference, 95 %.</param>
public sealed record PairedDifference(string Name, double A, double B, double Difference, Interval Interval)
{
    /// <summary>Whether the interval leaves zero out.</summary>
    public bool IsClear => Interval.Low > 0 || Interval.High < 0;
}

/// <summary>
/// Compares two results video by video. Both are resampled alike, so what makes a video easy or hard for both cancels, and
/// the difference has a narrower interval than either figure.
/// </summary>
public static class PairedComparison
{
    private const int Shown = 3;

    /// <summary>The difference B − A of every figure.</summary>
    /// <param name="a">The first result.</param>
    /// <param name="b">The second, about the same videos and figures.</param>
    /// <param name="seed">Of the resampling.</param>
    /// <exception cref="BadInputException">The two are not about the same videos, labels or figures.</exception>
    public static IReadOnlyList<PairedDifference> Of(EvaluationResult a, EvaluationResult b, long seed = 0)
    {
        var (orderA, orderB) = (ByName(a.Videos), ByName(b.Videos));
        RequireSame("videos", [.. orderA.Select(i => a.Videos[i])], [.. orderB.Select(i => b.Videos[i])]);
        RequireSame("figures", [.. a.Outcomes.Select(m => m.Name).Order(StringComparer.Ordinal)], [.. b.Outcomes.Select(m => m.Name).Order(StringComparer.Ordinal)]);
        (Metric A, Metric B)[] pairs =
        [
            .. a.Outcomes.Select(m => (m.Reordered(orderA), b.Outcomes.First(n => n.Name == m.Name).Reordered(orderB))),
        ];
        if (pairs.Select(p => p.A.CannotPairWith(p.B)).FirstOrDefault(reason => reason is not null) is { } reason)
            throw new BadInputException($"the results cannot be compared: {reason}");
        var intervals = Bootstrap.Intervals([.. pairs.Select(p => (ResampledFigure)(counts => p.B.Over(counts) - p.A.Over(counts)))], a.Videos.Count, seed);
        return [.. pairs.Zip(intervals).Select(p => new PairedDifference(p.First.A.Name, p.First.A.Value, p.First.B.Value, p.First.B.Value - p.First.A.Value, p.Second))];
    }

    // A list may name a video twice: its first mention in one is paired with its first in the other.
    private static int[] ByName(IReadOnlyList<string> names) => [.. Enumerable.Range(0, names.Count).OrderBy(i => names[i], StringComparer.Ordinal)];

    private static void RequireSame(string what, string[] a, string[] b)
    {
        if (a.AsSpan().SequenceEqual(b))
            return;
        var (onlyA, onlyB) = (Beyond(a, b), Beyond(b, a));
        throw new BadInputException(FormattableString.Invariant(
            $"the results are not about the same {what}: {a.Length} in the first, {b.Length} in the second; {Some("the first", onlyA)}; {Some("the second", onlyB)}"));
    }

    private static string[] Beyond(string[] these, string[] those)
    {
        var left = those.CountBy(name => name).ToDictionary();
        return [.. these.Where(name => !left.TryGetValue(name, out var n) || (left[name] = n - 1) < 0)];
    }

    private static string Some(string whose, string[] names) => names.Length == 0
        ? $"none is only in {whose}"
        : FormattableString.Invariant($"{names.Length} only in {whose} ({string.Join(", ", names.Take(Shown))}{(names.Length > Shown ? ", …" : "")})");
}
