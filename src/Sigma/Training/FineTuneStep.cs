using Sigma.Data;
using Sigma.Data.Augmentation;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>One step of fine-tuning: mixing, scores, loss, backward.</summary>
internal sealed class FineTuneStep(FineTuneRecipe recipe, VideoClassifier model, WeightUpdate update, Device device)
{
    /// <summary>The loss and the gradients of one micro-batch.</summary>
    /// <param name="clips">[B, T, H, W, 3], bytes, or normalised numbers.</param>
    /// <param name="labels">[B], the clips' classes.</param>
    /// <param name="keys">[B], what the clips' random draws follow from.</param>
    /// <param name="mixing">How the clips are mixed with each other.</param>
    /// <returns>The loss, a scalar in the caller's scope.</returns>
    public Tensor Accumulate(Tensor clips, IReadOnlyList<int> labels, IReadOnlyList<ClipKey> keys, Mixing mixing)
    {
        using var scope = new TensorScope();

        // 1. Clips travel as bytes; mixed by shares they become numbers.
        var mixed = mixing.Clips(F.To(clips, device));
        var tubes = ClipTubes.Cut(mixed, recipe.Clip.TubeFrames, recipe.Clip.TubeSize); // [B, N, P]

        // 2. What the clips should be given, and the branches they pass by.
        var wanted = F.To(mixing.Labels(labels, model.Classes, recipe.Augmentation.LabelSmoothing), device); // [B, classes]
        var paths = DropPath.Draw(recipe.Model.Depth, recipe.Layers.DropPath, keys) is { } drawn ? F.To(drawn, device) : null;

        // 3. Scores of all classes.
        Tensor logits;
        using (new Autocast(device, recipe.Precision.Type()))
            logits = model.Logits(model.Features(tubes, paths)); // [B, classes]

        // 4. Loss and gradients.
        var loss = F.CrossEntropy(F.To(logits, ScalarType.Float32), wanted);
        update.Accumulate(loss);
        return scope.Keep(F.Detach(loss));
    }
}
