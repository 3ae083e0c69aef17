using System.Text.Json.Nodes;
using Sigma.Checkpoints;
using Sigma.Data;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>What a multi-view test gave every video.</summary>
/// <param name="Manifest">The videos.</param>
/// <param name="Views">Which views of each were looked at.</param>
/// <param name="Samples">[V], places in the manifest of the videos that could be read.</param>
/// <param name="Probabilities">[V, classes], the mean over the views' soft-max.</param>
/// <param name="Labels">[V].</param>
/// <param name="Unreadable">The videos that could not be read; no figure counts them.</param>
public sealed record ViewScores(
    Manifest Manifest, TestViews Views, IReadOnlyList<int> Samples, Tensor Probabilities, Tensor Labels, UnreadableVideos Unreadable)
{
    /// <summary>Mean of −ln p of the right class, nats.</summary>
    public double Loss
    {
        get
        {
            using var noGrad = new NoGrad();
            using var scope = new TensorScope();
            var own = F.Gather(Probabilities, 1, F.Unsqueeze(Labels, 1));
            return -F.Mean(F.Log(F.ClampMin(own, 1e-12))).Item();
        }
    }

    /// <summary>[V], the class with the highest score; the first of equals.</summary>
    public int[] Predicted() => [.. F.ArgMax(Probabilities, 1).ToArray<long>().Select(c => (int)c)];

    /// <summary>[classes][classes], how many videos of a class (row) were taken for each class (column).</summary>
    public int[][] Confusion()
    {
        var counts = Enumerable.Range(0, Manifest.Classes.Count).Select(_ => new int[Manifest.Classes.Count]).ToArray();
        foreach (var (label, predicted) in Labels.ToArray<long>().Zip(Predicted()))
            counts[label][predicted]++;
        return counts;
    }

    /// <summary>Everything for <c>--json</c>.</summary>
    /// <param name="dataset">The list or folder as it was given.</param>
    /// <param name="checkpoint">The file with the weights.</param>
    /// <param name="seed">Of the intervals.</param>
    public EvaluationResult Result(string dataset, string checkpoint, long seed)
    {
        using var weights = CheckpointFile.Open(checkpoint);
        var clip = Views.Clip;
        return new EvaluationResult
        {
            Command = "views",
            Dataset = dataset,
            Split = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(dataset)),
            Views = new(Views.Segments, Views.Crops),
            Checkpoint = checkpoint,
            CheckpointHash = weights.Hash(),
            Seed = seed,
            Settings = new JsonObject
            {
                ["classes"] = Manifest.Classes.Count,
                ["sampling"] = RecipeValue.Write(clip.Sampling),
                ["frames"] = clip.Frames,
                ["stride"] = clip.Stride,
                ["size"] = clip.Size,
            },
            Videos = [.. Samples.Select(Manifest.Name)],
            Classes = Manifest.Classes,
            Confusion = Confusion(),
            Outcomes = Accuracy.Metrics(Probabilities, Labels),
        }.WithFigures();
    }
}
