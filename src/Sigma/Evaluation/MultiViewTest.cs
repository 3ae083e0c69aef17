using Sigma.Data;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation;

/// <summary>
/// The published multi-view test: the soft-max of every view, averaged over the views of a video.
/// </summary>
public static class MultiViewTest
{
    /// <summary>Scores every readable video of a list; each is decoded once.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="manifest">Videos with labels that count into the classifier's classes.</param>
    /// <param name="views">Which views of each.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="recipe">Precision and decoding workers.</param>
    /// <param name="stop">Ends it early, on all ranks where one is told to.</param>
    /// <param name="ranks">Who shares the videos out; rank 0's weights are tested, and every rank gets the scores of all, as one alone would.</param>
    /// <returns>The scores, whose tensors belong to the caller's scope.</returns>
    /// <exception cref="BadInputException">None of the videos can be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static ViewScores Run(
        VideoClassifier model, Manifest manifest, TestViews views, Device device, FineTuneRecipe recipe, CancellationToken stop, Ranks? ranks = null)
    {
        ranks ??= Ranks.Alone;
        new SharedRun(ranks).RequireSame("--data", manifest);
        ranks.RequireSame("set of views", $"{views}", (first, other) => $"{first} on rank 0, {other} there");
        model.MoveTo(device);
        ranks.Share("set of weights to test", [.. model.Parameters().Select(p => p.Value)]);
        using var scope = new TensorScope();
        var (means, samples, unreadable) = SampleRows.OfViews(
            manifest, views, recipe.Data.Workers, clips => MeanOfViews(model, clips, views.Count, device, recipe.Precision), ranks, stop);
        long[] labels = [.. samples.Select(sample => (long)manifest[sample].Label!.Value)];
        return new(manifest, views, samples, scope.Keep(means), scope.Keep(Tensor.From(labels)), unreadable);
    }

    /// <summary>The soft-max of every view, averaged over the views: clips [n · views, T, H, W, 3] to [n, classes], on the CPU.</summary>
    private static Tensor MeanOfViews(VideoClassifier model, Tensor clips, int views, Device device, Precision precision)
    {
        using var scope = new TensorScope();
        Tensor logits;
        using (new Autocast(device, precision.Type()))
            logits = model.Forward(F.To(clips, device)); // [n · views, classes]
        var each = F.Reshape(F.Softmax(F.To(logits, ScalarType.Float32), 1), -1, views, model.Classes);
        return scope.Keep(F.To(F.Mean(each, [1]), Device.Cpu));
    }
}
