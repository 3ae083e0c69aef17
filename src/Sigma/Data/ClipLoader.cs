using System.Runtime.InteropServices;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;

namespace Sigma.Data;

/// <summary>
/// The micro-batches of a pre-training run, in order. Which clips micro-step g holds, and every pixel and mask of them,
/// follow from manifest, recipe and seed alone: neither the number of workers nor their pace nor where the run was continued
/// changes it. Workers decode straight into the batches' memory, a bounded number of batches ahead. A video that cannot
/// be read is set aside, and the next videos of the epoch's order stand in for it.
/// </summary>
public sealed class ClipLoader : IDisposable
{
    private readonly Recipe recipe;
    private readonly PretrainingClips clips;
    private readonly StoredTokens? stored;
    private readonly VideoBatches<ClipMemory> batches;

    private long motionless;

    /// <summary>Starts reading ahead.</summary>
    /// <param name="manifest">the videos</param>
    /// <param name="recipe">clips, masks, batch, seed, and the share of videos that may be unreadable</param>
    /// <param name="firstMicroStep">the micro-step of the run that <see cref="Next"/> gives first, from 0</param>
    /// <param name="workers">threads that decode; 0 for as many as there are cores</param>
    /// <param name="stored">a teacher's tokens to read with the clips; null for none</param>
    /// <param name="rank">which part of every micro-batch to read: of one order, the ranks read one part each</param>
    /// <param name="ranks">number of parts, which divides the videos of a micro-batch</param>
    /// <param name="destination">where the clips will be sent; with <c>data.decoder: nvdec</c> that GPU decodes</param>
    /// <exception cref="ArgumentOutOfRangeException">a number is negative</exception>
    public ClipLoader(
        Manifest manifest, Recipe recipe, long firstMicroStep = 0, int workers = 0, StoredTokens? stored = null, int rank = 0, int ranks = 1,
        Device destination = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstMicroStep);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        (this.recipe, this.stored) = (recipe, stored);
        var schedule = new ClipSchedule(manifest.Count, recipe);
        StepsPerEpoch = schedule.StepsPerEpoch;
        clips = new(recipe);
        batches = new(
            manifest, schedule, new(recipe.Seed, firstMicroStep, recipe.Clip.Frames, workers, recipe.Data.UnreadableLimit, rank, ranks, Nvdec: recipe.Data.Nvdec(destination)),
            () => new(recipe, schedule.Videos / ranks * schedule.Repeats, stored, destination), Draw, clips.Announce);
    }

    /// <summary>Updates of an epoch: videos × repeats / batch, at least 1; unreadable videos count too.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>How long <see cref="Next"/> has waited for batches in all.</summary>
    public TimeSpan Waited => batches.Waited;

    /// <inheritdoc cref="VideoBatches{TMemory}.Findings"/>
    public VideoFindings Findings => batches.Findings;

    /// <summary>Clips handed out whose motion-guided mask found no motion and was drawn as simulated motion.</summary>
    public long MotionlessClips => Interlocked.Read(ref motionless);

    /// <summary>The next micro-batch, to be disposed by the caller. One caller at a time.</summary>
    /// <param name="stop">gives up waiting</param>
    /// <exception cref="TooManyUnreadableException">more videos than <c>data.unreadableLimit</c> cannot be read, or none can</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled</exception>
    /// <exception cref="ObjectDisposedException">after <see cref="Dispose"/></exception>
    public ClipBatch Next(CancellationToken stop)
    {
        var memory = batches.Next(stop);
        Interlocked.Add(ref motionless, memory.Motionless.Count(fellBack => fellBack));
        for (var clip = 0; clip < memory.Samples.Length; clip++)
        {
            if (memory.Searched[clip])
                Findings.Searched.Add(memory.Samples[clip]);
        }
        return new(memory, batches.GiveBack);
    }

    /// <summary>Stops the workers, each after the clip it is at, and frees what was read ahead.</summary>
    public void Dispose() => batches.Dispose();

    private void Draw(ClipReader video, ClipMemory memory, int clip, ClipKey key)
    {
        var drawn = clips.Draw(video, key, memory.Pixels(clip));
        if (memory.Tokens is { } tokens)
            stored!.Read(key.Sample, clips.StartOf(key), MemoryMarshal.AsBytes(tokens.Data<Half>((long)clip * stored.ClipNumbers, stored.ClipNumbers)));
        memory.SetMask(clip, drawn.Mask.Cells);
        memory.Samples[clip] = key.Sample;
        memory.Motionless[clip] = drawn.Mask.Kind != recipe.Mask.Kind;
        memory.Searched[clip] = drawn.Vectors is { FromBlockMatching: true };
    }
}
