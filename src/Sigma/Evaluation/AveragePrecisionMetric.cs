using System.Text.Json.Serialization;

namespace Sigma.Evaluation;

/// <summary>
/// Mean average precision of multi-label classification by the protocol of Charades (Sigurdsson et al. 2016): for every
/// class, the precision at each positive video when all are ordered by that class's score, averaged over the positives;
/// then the mean over the classes that have a positive. Videos without any label do not count.
/// </summary>
/// <remarks>
/// Videos of equal score stand at one place of the order, as if a threshold passed them together, so that constant scores
/// give exactly the share of positives. Without ties it is the published computation.
/// </remarks>
/// <param name="Name">Of the figure.</param>
/// <param name="Scores">[V][C].</param>
/// <param name="Labels">[V][…], the classes of each video.</param>
public sealed record AveragePrecisionMetric(string Name, float[][] Scores, int[][] Labels) : Metric(Name)
{
    private Ranking[]? rankings;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Videos => Scores.Length;

    internal override bool IsWhole =>
        Scores is not null && Labels?.Length == Scores.Length && Array.TrueForAll(Scores, s => s is not null && s.Length == Scores[0].Length)
        && Array.TrueForAll(Labels, l => l is not null && Array.TrueForAll(l, c => c >= 0 && c < Scores[0].Length));

    /// <summary>Average precision of every class; NaN for a class without a positive.</summary>
    /// <returns>[C].</returns>
    public double[] PerClass()
    {
        var once = new int[Videos];
        once.AsSpan().Fill(1);
        return PerClass(once);
    }

    /// <inheritdoc/>
    public override double Over(ReadOnlySpan<int> counts) =>
        PerClass(counts).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    internal override Metric Reordered(int[] order) =>
        new AveragePrecisionMetric(Name, [.. order.Select(i => Scores[i])], [.. order.Select(i => Labels[i])]);

    internal override string? CannotPairWith(Metric other) => other is not AveragePrecisionMetric same
        ? $"{Name} is not computed in the same way in both"
        : same.Labels.Zip(Labels).All(p => p.First.Order().SequenceEqual(p.Second.Order())) ? null : $"{Name}: the videos do not have the same labels in both";

    private double[] PerClass(ReadOnlySpan<int> counts)
    {
        rankings ??= Rank();
        var precisions = new double[rankings.Length];
        for (var c = 0; c < rankings.Length; c++)
            precisions[c] = rankings[c].AveragePrecision(counts);
        return precisions;
    }

    private Ranking[] Rank()
    {
        int[] labelled = [.. Enumerable.Range(0, Videos).Where(v => Labels[v].Length > 0)];
        var classes = Videos == 0 ? 0 : Scores[0].Length;
        var positive = Enumerable.Range(0, classes).Select(_ => new bool[Videos]).ToArray();
        foreach (var video in labelled)
        {
            foreach (var label in Labels[video])
                positive[label][video] = true;
        }
        return [.. positive.Select((p, c) => new Ranking([.. labelled.OrderByDescending(v => Scores[v][c])], v => Scores[v][c], p))];
    }

    /// <summary>The videos by falling score of one class, ordered once for all resamplings.</summary>
    private sealed class Ranking
    {
        private readonly int[] order;
        private readonly bool[] positive;
        private readonly bool[] endsTie; // [order], whether the next score is another

        public Ranking(int[] order, Func<int, float> score, bool[] positive)
        {
            (this.order, this.positive) = (order, positive);
            endsTie = [.. order.Select((v, i) => i + 1 == order.Length || !score(v).Equals(score(order[i + 1])))];
        }

        public double AveragePrecision(ReadOnlySpan<int> counts)
        {
            var (sum, hits, seen, hitsBefore) = (0.0, 0L, 0L, 0L);
            for (var i = 0; i < order.Length; i++)
            {
                var count = counts[order[i]];
                seen += count;
                hits += positive[order[i]] ? count : 0;
                if (!endsTie[i] || seen == 0)
                    continue;
                sum += (hits - hitsBefore) * (double)hits / seen;
                hitsBefore = hits;
            }
            return sum / hits;
        }
    }
}
