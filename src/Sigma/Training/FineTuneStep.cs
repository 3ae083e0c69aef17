using System.Diagnostics;
using Sigma.Data;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>Steps of fine-tuning, whatever the network's outputs are trained for.</summary>
internal sealed class FineTuneStep(FineTuneRecipe recipe, VideoClassifier model, WeightUpdate update, Device device, Ranks ranks)
{
    /// <summary>One update over all its micro-batches.</summary>
    /// <param name="loader">Hands out the clips.</param>
    /// <param name="done">Updates done before.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="ceiling">Operations a second that matrix products reach, all ranks together.</param>
    /// <param name="accumulate">Computes a micro-batch's loss and gradients, given the epoch and its number in the run.</param>
    /// <param name="stop">Ends the wait for clips.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled; no weight has changed.</exception>
    public StepMetrics Update(
        LabelledClipLoader loader, long done, double rate, double ceiling, Func<LabelledBatch, int, long, Tensor> accumulate, CancellationToken stop)
    {
        using var scope = new TensorScope();
        var (watch, waited) = (Stopwatch.StartNew(), loader.Waited);
        var epoch = (int)(done / loader.StepsPerEpoch);
        var losses = new List<Tensor>();
        for (var i = 0; i < recipe.Optimizer.Accumulate; i++)
        {
            // Several ranks stop together, between two updates.
            var batch = loader.Next(ranks.Count == 1 ? stop : CancellationToken.None);
            losses.Add(accumulate(batch, epoch, done * recipe.Optimizer.Accumulate + i));
            loader.GiveBack(batch);
        }
        var norm = update.Apply(rate);
        // The host waits for the device here, once an update.
        var loss = ranks.Mean(F.Mean(F.Stack([.. losses], 0)).Item());
        var (seconds, clips) = (watch.Elapsed.TotalSeconds, recipe.Optimizer.Batch);
        return new(
            done + 1, epoch, loss, rate, null, norm.Item(), clips / seconds, (loader.Waited - waited).TotalSeconds / seconds,
            clips * Arithmetic.PerClip(recipe) / seconds / ceiling, seconds);
    }

    /// <summary>The loss and the gradients of one micro-batch.</summary>
    /// <param name="clips">[B, T, H, W, 3], bytes, or normalised numbers.</param>
    /// <param name="keys">[B], what the clips' random draws follow from.</param>
    /// <param name="lossOf">Takes outputs [B, O] in float32 to a scalar.</param>
    /// <returns>The loss, a scalar in the caller's scope.</returns>
    public Tensor Accumulate(Tensor clips, IReadOnlyList<ClipKey> keys, Func<Tensor, Tensor> lossOf)
    {
        using var scope = new TensorScope();
        var tubes = ClipTubes.Cut(F.To(clips, device), recipe.Clip.TubeFrames, recipe.Clip.TubeSize); // [B, N, P]
        var paths = DropPath.Draw(recipe.Model.Depth, recipe.Layers.DropPath, keys) is { } drawn ? F.To(drawn, device) : null;
        Tensor outputs;
        using (new Autocast(device, recipe.Precision.Type()))
            outputs = model.Logits(model.Features(tubes, paths)); // [B, O]
        var loss = lossOf(F.To(outputs, ScalarType.Float32));
        update.Accumulate(loss);
        return scope.Keep(F.Detach(loss));
    }
}
