using Sigma.Data;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>What frozen features are worth by two probes, as shares of validation clips classified rightly.</summary>
/// <param name="Name">Whose features.</param>
/// <param name="Linear">By a linear probe.</param>
/// <param name="Knn">By weighted nearest neighbours.</param>
/// <param name="LinearInterval">95 % interval of <paramref name="Linear"/>, by the bootstrap over clips.</param>
/// <param name="KnnInterval">That of <paramref name="Knn"/>.</param>
public sealed record FrozenScore(string Name, double Linear, double Knn, Interval LinearInterval, Interval KnnInterval);

/// <summary>
/// Compares the frozen features of a trained network, of the same network untrained, and raw pixels, all by the same
/// probes on features standardised with the training clips.
/// </summary>
public sealed class FrozenComparison : IDisposable
{
    private readonly TensorScope scope = new();

    private FrozenComparison()
    {
    }

    /// <summary>Trained, untrained, pixels.</summary>
    public IReadOnlyList<FrozenScore> Scores { get; private set; } = [];

    /// <summary>The trained network's features of the training clips, standardised.</summary>
    public Features Train { get; private set; } = null!;

    /// <summary>The trained network's features of the validation clips, standardised.</summary>
    public Features Validation { get; private set; } = null!;

    /// <summary>Extracts all features and scores them.</summary>
    /// <param name="train">Training videos with labels.</param>
    /// <param name="validation">Validation videos with labels.</param>
    /// <param name="clip">Shape and stride of the clips.</param>
    /// <param name="trained">The encoder after pre-training.</param>
    /// <param name="untrained">The same encoder with its initial weights.</param>
    /// <param name="seed">Of the intervals.</param>
    /// <param name="stop">Ends it early.</param>
    public static FrozenComparison Run(
        Manifest train, Manifest validation, ClipRecipe clip, VideoEncoder trained, VideoEncoder untrained, long seed, CancellationToken stop)
    {
        var result = new FrozenComparison();
        using var noGrad = new NoGrad();
        Func<Tensor, Tensor>[] maps =
        [
            clips => FeatureExtractor.MeanOfTokens(trained, clips),
            clips => FeatureExtractor.MeanOfTokens(untrained, clips),
            FeatureExtractor.Pixels,
        ];
        string[] names = ["trained", "untrained", "pixels"];
        var (bank, queries) = (FeatureExtractor.Extract(train, clip, maps, stop), FeatureExtractor.Extract(validation, clip, maps, stop));
        var scores = new List<FrozenScore>();
        for (var i = 0; i < maps.Length; i++)
        {
            var (a, b) = Standardisation.Apply(bank[i].Values, queries[i].Values);
            var (left, right) = (bank[i] with { Values = a }, queries[i] with { Values = b });
            scores.Add(Score(names[i], left, right, train.Classes.Count, seed));
            if (i == 0)
                (result.Train, result.Validation) = (left, right);
        }
        result.Scores = scores;
        return result;
    }

    private static FrozenScore Score(string name, Features train, Features validation, int classes, long seed)
    {
        using var scope = new TensorScope();
        var (bank, queries) = RowSpace.Reduce(train.Values, validation.Values);
        using var probe = LinearProbe.Fit(bank, train.Labels, classes);
        var votes = NearestNeighbours.Votes(train.Values, train.Labels, validation.Values, classes);
        var linear = new MeanMetric("linear", Accuracy.Hits(probe.Logits(queries), validation.Labels, 1));
        var knn = new MeanMetric("knn", Accuracy.Hits(votes, validation.Labels, 1));
        var intervals = Bootstrap.Intervals([linear.Over, knn.Over], linear.Videos, seed);
        return new(name, linear.Value, knn.Value, intervals[0], intervals[1]);
    }

    /// <summary>Frees the features.</summary>
    public void Dispose() => scope.Dispose();
}
