using Sigma.Torch;

namespace Sigma.Evaluation.Severe;

/// <summary>What a head is trained for and scored by where videos do not have one class each.</summary>
internal abstract class VideoTask
{
    /// <summary>Numbers that the head gives.</summary>
    public abstract int Outputs { get; }

    /// <summary>What is wanted of the training videos, which a run that continues must share with its beginning.</summary>
    public abstract string Wanted { get; }

    /// <summary>The loss of outputs [B, O] for the samples of a batch, a scalar.</summary>
    public abstract Tensor Loss(Tensor outputs, IReadOnlyList<int> samples);

    /// <summary>Outputs of the views [n, V, O] as scores of the videos [n, O].</summary>
    public abstract Tensor Scores(Tensor outputs);

    /// <summary>The figures of the test videos, the one that counts first.</summary>
    /// <param name="scores">[n][O].</param>
    /// <param name="samples">[n], places among the test videos.</param>
    public abstract IReadOnlyList<Metric> Measure(float[][] scores, IReadOnlyList<int> samples);
}

/// <summary>
/// Counts repetitions: the count is m·(1 + output) with m the mean count of the training videos, so that training starts from a
/// constant guess; the loss is the figure itself, |predicted − true| / true. Views are averaged, and no count is below 0. Beside
/// the error stands the share of videos whose count, rounded, is off by one at most (OBO; Levy and Wolf 2015).
/// </summary>
/// <param name="train">Counts of the training videos.</param>
/// <param name="test">Counts of the test videos.</param>
internal sealed class CountingTask(IReadOnlyList<int> train, IReadOnlyList<int> test) : VideoTask
{
    private readonly double mean = train.Average();

    public override int Outputs => 1;

    public override string Wanted => string.Join(' ', train);

    public override Tensor Loss(Tensor outputs, IReadOnlyList<int> samples)
    {
        var wanted = F.To(Tensor.From([.. samples.Select(sample => (float)train[sample])]), outputs.Device);
        return F.Mean(F.Abs(Counts(F.Reshape(outputs, -1)) - wanted) / wanted);
    }

    public override Tensor Scores(Tensor outputs) => F.ClampMin(Counts(F.Mean(outputs, [1])), 0);

    public override IReadOnlyList<Metric> Measure(float[][] scores, IReadOnlyList<int> samples) =>
    [
        new MeanMetric("countError", [.. scores.Zip(samples).Select(pair => Error(pair.First[0], test[pair.Second]))]),
        new MeanMetric("offByOne", [.. scores.Zip(samples).Select(pair => Math.Abs(Math.Round(pair.First[0]) - test[pair.Second]) <= 1 ? 1.0 : 0)]),
    ];

    /// <summary>How far a predicted count is from the true one, as a share of it.</summary>
    public static double Error(double predicted, int count) => Math.Abs(predicted - count) / count;

    private Tensor Counts(Tensor outputs) => (outputs + 1.0) * mean;
}

/// <summary>
/// Tells which of several classes a video has: binary cross-entropy for each class, and of several views the largest
/// probability, as the standard protocol of Charades takes it.
/// </summary>
/// <param name="classes">Number of classes.</param>
/// <param name="train">Classes of the training videos.</param>
/// <param name="test">Classes of the test videos.</param>
internal sealed class MultiLabelTask(int classes, IReadOnlyList<IReadOnlyList<int>> train, IReadOnlyList<IReadOnlyList<int>> test) : VideoTask
{
    public override int Outputs => classes;

    public override string Wanted => $"{classes}: {string.Join(' ', train.Select(labels => string.Join(';', labels)))}";

    public override Tensor Loss(Tensor outputs, IReadOnlyList<int> samples)
    {
        var wanted = new float[samples.Count * classes];
        for (var i = 0; i < samples.Count; i++)
        {
            foreach (var label in train[samples[i]])
                wanted[i * classes + label] = 1;
        }
        return Operator.Get("aten::binary_cross_entropy_with_logits").Call(
            outputs, F.To(Tensor.From(wanted, samples.Count, classes), outputs.Device));
    }

    public override Tensor Scores(Tensor outputs) => F.Max(Operator.Get("aten::sigmoid").Call(outputs), 1);

    public override IReadOnlyList<Metric> Measure(float[][] scores, IReadOnlyList<int> samples) =>
        [new AveragePrecisionMetric("map", scores, [.. samples.Select(sample => test[sample].ToArray())])];
}
