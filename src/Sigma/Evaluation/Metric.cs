using System.Text.Json.Serialization;

namespace Sigma.Evaluation;

/// <summary>
/// One figure of an evaluation together with what became of every video, so that it can be computed again for any
/// resampling of the videos: that is what an interval and a paired comparison need.
/// </summary>
/// <param name="Name">Of the figure: <c>top1</c>, <c>top5</c>, <c>perClassMean</c>, <c>map</c>, …</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MeanMetric), "mean")]
[JsonDerivedType(typeof(ClassMeanMetric), "classMean")]
[JsonDerivedType(typeof(AveragePrecisionMetric), "averagePrecision")]
public abstract record Metric(string Name)
{
    /// <summary>Videos behind it.</summary>
    [JsonIgnore]
    public abstract int Videos { get; }

    /// <summary>The figure over all videos, each once.</summary>
    [JsonIgnore]
    public double Value
    {
        get
        {
            var once = new int[Videos];
            once.AsSpan().Fill(1);
            return Over(once);
        }
    }

    /// <summary>The figure over a resampling; NaN where nothing is left to average.</summary>
    /// <param name="counts">[V], how often each video counts.</param>
    public abstract double Over(ReadOnlySpan<int> counts);

    /// <summary>The same metric with its videos in another order.</summary>
    /// <param name="order">[V], which video comes at each place.</param>
    internal abstract Metric Reordered(int[] order);

    /// <summary>Why figures of the two cannot be paired, or null where they can: they must be of one kind, with one truth.</summary>
    internal abstract string? CannotPairWith(Metric other);

    /// <summary>Whether its parts fit each other; false for what was not written by this program.</summary>
    internal abstract bool IsWhole { get; }
}
