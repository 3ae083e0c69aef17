using System.Text.Json.Serialization;

namespace Sigma.Evaluation;

/// <summary>A figure that is the mean of one number a video: a hit or miss, an error, an intersection over union.</summary>
/// <param name="Name">Of the figure.</param>
/// <param name="Values">[V].</param>
public sealed record MeanMetric(string Name, double[] Values) : Metric(Name)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override int Videos => Values.Length;

    internal override bool IsWhole => Values is not null;

    /// <inheritdoc/>
    public override double Over(ReadOnlySpan<int> counts)
    {
        var (sum, total) = (0.0, 0L);
        for (var i = 0; i < Values.Length; i++)
        {
            sum += counts[i] * Values[i];
            total += counts[i];
        }
        return sum / total;
    }

    internal override Metric Reordered(int[] order) => this with { Values = [.. order.Select(i => Values[i])] };

    internal override string? CannotPairWith(Metric other) =>
        other is MeanMetric ? null : $"{Name} is not computed in the same way in both";
}
