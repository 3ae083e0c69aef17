using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Data;

/// <summary>
/// The micro-batches of a fine-tuning run, in order: clips, drawn and augmented, with their classes. Which clips micro-step g
/// holds, and every pixel of them, follow from manifest, recipe and seed alone.
/// </summary>
internal sealed class LabelledClipLoader : IDisposable
{
    private readonly VideoBatches<LabelledBatch> batches;

    /// <summary>Starts reading ahead.</summary>
    /// <param name="manifest">the videos, with labels</param>
    /// <param name="recipe">clips, augmentation, batch, seed, and the share of videos that may be unreadable</param>
    /// <param name="firstMicroStep">the micro-step of the run that <see cref="Next"/> gives first, from 0</param>
    /// <param name="rank">which part of every micro-batch to read: of one order, the ranks read one part each</param>
    /// <param name="ranks">number of parts, which divides the videos of a micro-batch</param>
    /// <param name="destination">where the clips will be sent; with <c>data.decoder: nvdec</c> that GPU decodes</param>
    public LabelledClipLoader(
        Manifest manifest, FineTuneRecipe recipe, long firstMicroStep, int rank = 0, int ranks = 1, Device destination = default)
    {
        var schedule = new ClipSchedule(manifest.Count, recipe.Augmentation.Repeats, recipe.Optimizer);
        var clips = new FineTuningClips(recipe);
        StepsPerEpoch = schedule.StepsPerEpoch;
        batches = new(
            manifest, schedule, new(recipe.Seed, firstMicroStep, recipe.Clip.Frames, recipe.Data.Workers, recipe.Data.UnreadableLimit, rank, ranks, Mirrored: true, recipe.Data.Nvdec(destination)),
            () => new(recipe.Clip, recipe.Optimizer.MicroBatch / ranks, destination),
            (video, batch, place, key) =>
            {
                clips.Draw(video, key, batch.Pixels(place));
                batch.Labels[place] = manifest[key.Sample].Label!.Value;
                batch.Keys[place] = key;
            });
    }

    /// <summary>Updates of an epoch: videos × repeats / batch, at least 1; unreadable videos count too.</summary>
    public int StepsPerEpoch { get; }

    /// <inheritdoc cref="VideoBatches{TMemory}.Waited"/>
    public TimeSpan Waited => batches.Waited;

    /// <inheritdoc cref="VideoBatches{TMemory}.Findings"/>
    public VideoFindings Findings => batches.Findings;

    /// <inheritdoc cref="VideoBatches{TMemory}.Next"/>
    public LabelledBatch Next(CancellationToken stop) => batches.Next(stop);

    /// <inheritdoc cref="VideoBatches{TMemory}.GiveBack"/>
    public void GiveBack(LabelledBatch batch) => batches.GiveBack(batch);

    /// <inheritdoc/>
    public void Dispose() => batches.Dispose();
}
