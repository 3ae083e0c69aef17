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
    /// <param name="stop">Ends it early.</param>
    /// <returns>The scores, whose tensors belong to the caller's scope.</returns>
    /// <exception cref="BadInputException">None of the videos can be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static ViewScores Run(
        VideoClassifier model, Manifest manifest, TestViews views, Device device, FineTuneRecipe recipe, CancellationToken stop)
    {
        model.MoveTo(device);
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var (means, samples) = (new List<Tensor>(), new List<int>());
        var clips = new ViewClips(manifest, views, recipe.Data.Workers);
        foreach (var (batch, pixels) in clips.Read(stop))
        {
            using var step = new TensorScope();
            Tensor logits;
            using (new Autocast(device, recipe.Precision.Type()))
                logits = model.Forward(F.To(pixels, device)); // [n · views, classes]
            var each = F.Reshape(F.Softmax(F.To(logits, ScalarType.Float32), 1), batch.Length, views.Count, model.Classes);
            means.Add(step.Keep(F.To(F.Mean(each, [1]), Device.Cpu))); // [n, classes]
            samples.AddRange(batch);
        }
        if (samples.Count == 0)
            throw new BadInputException($"none of the {manifest.Count} videos to evaluate can be read, such as {clips.Unreadable.List[0].Path}: {clips.Unreadable.List[0].Reason}");
        long[] labels = [.. samples.Select(sample => (long)manifest[sample].Label!.Value)];
        return new(manifest, views, samples, scope.Keep(F.Cat([.. means], 0)), scope.Keep(Tensor.From(labels)), clips.Unreadable);
    }
}
