using System.Text.Json.Serialization;

namespace Sigma.Evaluation;

/// <summary>A figure that is first averaged within every class, then over the classes that occur.</summary>
/// <param name="Name">Of the figure.</param>
/// <param name="Values">[V].</param>
/// <param name="Classes">[V], the class of each video.</param>
public sealed record ClassMeanMetric(string Name, double[] Values, int[] Classes) : Metric(Name)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override int Videos => Values.Length;

    internal override bool IsWhole => Values is not null && Classes?.Length == Values.Length && Array.TrueForAll(Classes, c => c >= 0);

    /// <inheritdoc/>
    public override double Over(ReadOnlySpan<int> counts)
    {
        var classes = Classes.Length == 0 ? 0 : Classes.Max() + 1;
        var (sums, totals) = (new double[classes], new long[classes]);
        for (var i = 0; i < Values.Length; i++)
        {
            sums[Classes[i]] += counts[i] * Values[i];
            totals[Classes[i]] += counts[i];
        }
        var (sum, present) = (0.0, 0);
        for (var c = 0; c < classes; c++)
        {
            if (totals[c] == 0)
                continue;
            sum += sums[c] / totals[c];
            present++;
        }
        return sum / present;
    }

    internal override Metric Reordered(int[] order) =>
        this with { Values = [.. order.Select(i => Values[i])], Classes = [.. order.Select(i => Classes[i])] };

    internal override string? CannotPairWith(Metric other) => other is not ClassMeanMetric same
        ? $"{Name} is not computed in the same way in both"
        : same.Classes.AsSpan().SequenceEqual(Classes) ? null : $"{Name}: the videos do not have the same labels in both";
}
