using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Sigma.Media;
using Sigma.Recipes;
using Sigma.Targets;

namespace Sigma.Data;

/// <summary>
/// The micro-batches of a pre-training run, in order. Which clips micro-step g holds, and every pixel and mask of them,
/// follow from manifest, recipe and seed alone: neither the number of workers nor their pace nor where the run was continued
/// changes it. Workers decode straight into the batches' memory, a bounded number of batches ahead. A video that cannot
/// be read is set aside, and the next videos of the epoch's order stand in for it.
/// </summary>
public sealed class ClipLoader : IDisposable
{
    private readonly Manifest manifest;
    private readonly Recipe recipe;
    private readonly ClipSchedule schedule;
    private readonly PretrainingClips clips;
    private readonly long firstMicroStep;
    private readonly StoredTokens? stored;
    private readonly ConcurrentBag<ClipMemory> spare = [];
    private readonly int batchesAhead;
    private readonly int videos; // of a micro-batch, this rank's share
    private readonly int firstVideo; // where the share begins
    private readonly BatchPipeline<Work> pipeline;

    // Videos no frame of which can be read; they are not opened again.
    private readonly ConcurrentDictionary<int, bool> setAside = new();
    private readonly ConcurrentDictionary<int, bool> tooShort = new();

    // Videos that other ranks found too short.
    private readonly List<string> shortElsewhere = [];

    private (int Epoch, EpochOrder Order)? order;
    private long motionless;
    private bool disposed;

    /// <summary>Starts reading ahead.</summary>
    /// <param name="manifest">the videos</param>
    /// <param name="recipe">clips, masks, batch, seed, and the share of videos that may be unreadable</param>
    /// <param name="firstMicroStep">the micro-step of the run that <see cref="Next"/> gives first, from 0</param>
    /// <param name="workers">threads that decode; 0 for as many as there are cores</param>
    /// <param name="stored">a teacher's tokens to read with the clips; null for none</param>
    /// <param name="rank">which part of every micro-batch to read: of one order, the ranks read one part each</param>
    /// <param name="ranks">number of parts, which divides the videos of a micro-batch</param>
    /// <exception cref="ArgumentOutOfRangeException">a number is negative</exception>
    public ClipLoader(Manifest manifest, Recipe recipe, long firstMicroStep = 0, int workers = 0, StoredTokens? stored = null, int rank = 0, int ranks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstMicroStep);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        (this.manifest, this.recipe, this.firstMicroStep, this.stored) = (manifest, recipe, firstMicroStep, stored);
        schedule = new(manifest.Count, recipe);
        clips = new(recipe);
        videos = schedule.Videos / ranks;
        firstVideo = rank * videos;
        if (workers == 0)
            workers = Environment.ProcessorCount;
        // Enough videos under way that no worker idles while the batch before is finished and handed out.
        batchesAhead = Math.Min(workers, (2 * workers - 1) / videos + 1) + 1;
        // All memory is taken now (the system gives pages when they are first written), so that it shows at the start
        // of a run whether there is enough, and one more for the batch the caller holds.
        for (var i = 0; i <= batchesAhead; i++)
            spare.Add(new(recipe, Clips, stored));
        pipeline = new(workers, batchesAhead, Open, Fill, work => work.Batch.Dispose());
    }

    /// <summary>Updates of an epoch: videos × repeats / batch, at least 1; unreadable videos count too.</summary>
    public int StepsPerEpoch => schedule.StepsPerEpoch;

    /// <summary>How long <see cref="Next"/> has waited for batches in all.</summary>
    public TimeSpan Waited => pipeline.Waited;

    /// <summary>Videos that could not be read, also those found while reading ahead.</summary>
    public UnreadableVideos Unreadable { get; } = new();

    /// <summary>Videos with fewer frames than a clip, which repeat their last ones; in the order of the manifest.</summary>
    public IReadOnlyList<string> Short => [.. tooShort.Keys.Order().Select(sample => manifest[sample].Path).Concat(shortElsewhere)];

    /// <summary>Clips handed out whose motion-guided mask found no motion and was drawn as simulated motion.</summary>
    public long MotionlessClips => Interlocked.Read(ref motionless);

    /// <summary>The next micro-batch, to be disposed by the caller. One caller at a time.</summary>
    /// <param name="stop">gives up waiting</param>
    /// <exception cref="TooManyUnreadableException">more videos than <c>data.unreadableLimit</c> cannot be read, or none can</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled</exception>
    /// <exception cref="ObjectDisposedException">after <see cref="Dispose"/></exception>
    public ClipBatch Next(CancellationToken stop)
    {
        var batch = pipeline.Next(stop)!.Batch;
        Interlocked.Add(ref motionless, batch.Motionless.Count(fellBack => fellBack));
        return batch;
    }

    /// <summary>Takes note of short videos that other ranks found.</summary>
    internal void AddShort(IEnumerable<string> paths) => shortElsewhere.AddRange(paths.Except(Short));

    /// <summary>Judges the videos that all ranks together found unreadable.</summary>
    /// <exception cref="TooManyUnreadableException">they are more than <c>data.unreadableLimit</c> allows</exception>
    internal void RequireEnoughReadable()
    {
        if ((double)Unreadable.Count / manifest.Count > recipe.Data.UnreadableLimit)
            throw new TooManyUnreadableException(Unreadable.List, Unreadable.Count, manifest.Count, recipe.Data.UnreadableLimit);
    }

    /// <summary>Stops the workers, each after the clip it is at, and frees what was read ahead.</summary>
    public void Dispose()
    {
        pipeline.Dispose();
        disposed = true;
        while (spare.TryTake(out var memory))
            memory.Dispose();
    }

    /// <summary>Begins the number-th micro-batch; the pipeline asks one at a time and in order.</summary>
    private (Work, int)? Open(long number)
    {
        var (epoch, position) = schedule.Locate(firstMicroStep + number);
        if (order is not { } current || current.Epoch != epoch)
            order = current = (epoch, new(recipe.Seed, epoch, manifest.Count));
        // A caller that holds several batches at a time makes the loader take more memory rather than wait for ever.
        var memory = spare.TryTake(out var free) ? free : new(recipe, Clips, stored);
        return (new(new(memory, Clips, Reclaim), epoch, position + firstVideo, current.Order), videos);
    }

    /// <summary>Reads the clips of one video of a micro-batch, or of the video that stands in for it.</summary>
    private void Fill(Work work, int slot, CancellationToken stop)
    {
        for (var shift = 0; shift < manifest.Count; shift++)
        {
            var (sample, visit) = schedule.Visit(work.Order, work.Position + slot, shift);
            if (setAside.ContainsKey(sample))
                continue;
            stop.ThrowIfCancellationRequested();
            if (TryRead(work, slot * schedule.Repeats, sample, visit))
                return;
        }
        throw TooManyUnreadable();
    }

    private bool TryRead(Work work, int firstClip, int sample, int visit)
    {
        try
        {
            using var video = ClipReader.Open(manifest[sample].Path);
            for (var i = 0; i < schedule.Repeats; i++)
                Draw(video, work, firstClip + i, sample, visit * schedule.Repeats + i);
            if (video.Frames < recipe.Clip.Frames)
                tooShort.TryAdd(sample, true);
            return true;
        }
        catch (MediaException e)
        {
            SetAside(sample, e);
            return false;
        }
    }

    private void Draw(ClipReader video, Work work, int clip, int sample, int repeat)
    {
        var (batch, memory) = (work.Batch, work.Batch.Memory);
        var key = new ClipKey(recipe.Seed, work.Epoch, sample, repeat);
        var mask = clips.Draw(video, key, memory.Pixels(clip));
        if (memory.Tokens is { } tokens)
            stored!.Read(sample, clips.StartOf(key), MemoryMarshal.AsBytes(tokens.Data<Half>((long)clip * stored.ClipNumbers, stored.ClipNumbers)));
        memory.SetMask(clip, mask.Cells);
        batch.SampleOfClip[clip] = sample;
        batch.Motionless[clip] = mask.Kind != recipe.Mask.Kind;
    }

    private void SetAside(int sample, MediaException e)
    {
        Unreadable.Add(e);
        setAside.TryAdd(sample, true);
        if ((double)setAside.Count / manifest.Count > recipe.Data.UnreadableLimit)
            throw TooManyUnreadable();
    }

    private int Clips => videos * schedule.Repeats;

    private TooManyUnreadableException TooManyUnreadable() =>
        new(Unreadable.List, setAside.Count, manifest.Count, recipe.Data.UnreadableLimit);

    /// <summary>Takes back the memory of a batch.</summary>
    private void Reclaim(ClipBatch batch)
    {
        if (disposed || spare.Count > batchesAhead)
            batch.Memory.Dispose();
        else
            spare.Add(batch.Memory);
    }

    /// <summary>A micro-batch that is being filled, and where it stands in the run.</summary>
    private sealed record Work(ClipBatch Batch, int Epoch, long Position, EpochOrder Order);
}
