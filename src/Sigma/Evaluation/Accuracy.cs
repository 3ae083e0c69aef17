using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>Whether the right class is among the highest scores.</summary>
public static class Accuracy
{
    /// <summary>Share of clips whose class got the highest score, in [0, 1], of scores [Q, classes] against labels [Q].</summary>
    public static double Top1(Tensor scores, Tensor labels) => Hits(scores, labels, 1).Average();

    /// <summary>Share of clips whose class is among the five highest scores.</summary>
    /// <inheritdoc cref="Top1"/>
    public static double Top5(Tensor scores, Tensor labels) => Hits(scores, labels, 5).Average();

    /// <summary>
    /// For every clip 1 where its class is among the k highest scores, else 0. Equal scores share the places they stand
    /// at: of two that are equal at the last place each has half of it, so that constant scores give exactly chance. A
    /// score that is no number is a miss.
    /// </summary>
    /// <param name="scores">[Q, classes].</param>
    /// <param name="labels">[Q].</param>
    /// <param name="k">Places that count.</param>
    /// <returns>[Q], in [0, 1].</returns>
    public static double[] Hits(Tensor scores, Tensor labels, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        var (values, wanted) = (scores.ToArray<float>(), labels.ToArray<long>());
        var classes = checked((int)scores.Size(1));
        return [.. wanted.Select((label, clip) => Hit(values.AsSpan(clip * classes, classes), (int)label, k))];
    }

    /// <summary>The usual figures of a classification: <c>top1</c>, <c>top5</c>, and <c>perClassMean</c> of top-1.</summary>
    /// <param name="scores">[V, classes], one row a video.</param>
    /// <param name="labels">[V].</param>
    public static IReadOnlyList<Metric> Metrics(Tensor scores, Tensor labels)
    {
        var first = Hits(scores, labels, 1);
        return
        [
            new MeanMetric("top1", first), new MeanMetric("top5", Hits(scores, labels, 5)),
            new ClassMeanMetric("perClassMean", first, [.. labels.ToArray<long>().Select(l => (int)l)]),
        ];
    }

    private static double Hit(ReadOnlySpan<float> scores, int label, int k)
    {
        var own = scores[label];
        if (float.IsNaN(own))
            return 0;
        var (higher, equal) = (0, 0);
        foreach (var score in scores)
        {
            higher += score > own || float.IsNaN(score) ? 1 : 0;
            equal += score == own ? 1 : 0;
        }
        return Math.Clamp((k - higher) / (double)equal, 0, 1);
    }
}
