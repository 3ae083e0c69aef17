using System.Collections.Concurrent;
using Sigma.Media;

namespace Sigma.Data;

/// <summary>
/// Micro-batches of clips in order, read by several threads a bounded number of batches ahead, straight into memory that is
/// used again. Which clips micro-step g holds follows from manifest, schedule and seed alone. A video that cannot be read is
/// set aside, and the next videos of the epoch's order stand in for it.
/// </summary>
/// <typeparam name="TMemory">What holds a micro-batch.</typeparam>
internal sealed class VideoBatches<TMemory> : IDisposable
    where TMemory : class, IDisposable
{
    private readonly Manifest manifest;
    private readonly ClipSchedule schedule;
    private readonly Settings settings;
    private readonly Func<TMemory> allocate;
    private readonly Action<ClipReader, TMemory, int, ClipKey> draw;
    private readonly Action<ClipReader, ClipKey[]>? announce;
    private readonly ConcurrentBag<TMemory> spare = [];
    private readonly int batchesAhead;
    private readonly int videos; // of a micro-batch, this part's share
    private readonly BatchPipeline<Work> pipeline;

    private (int Epoch, EpochOrder Order)? order;
    private bool disposed;

    /// <summary>Starts reading ahead.</summary>
    /// <param name="manifest">the videos</param>
    /// <param name="schedule">which videos a micro-batch is made of</param>
    /// <param name="settings">the rest of what is asked for</param>
    /// <param name="allocate">makes memory for a micro-batch</param>
    /// <param name="draw">draws the clip of a key into a place of a micro-batch, from its opened video; many calls at a time</param>
    /// <param name="announce">is told the clips that will be drawn from one video where they are several, before the first</param>
    public VideoBatches(
        Manifest manifest, ClipSchedule schedule, Settings settings, Func<TMemory> allocate, Action<ClipReader, TMemory, int, ClipKey> draw,
        Action<ClipReader, ClipKey[]>? announce = null)
    {
        this.announce = announce;
        (this.manifest, this.schedule, this.settings, this.allocate, this.draw) = (manifest, schedule, settings, allocate, draw);
        Findings = new(manifest, settings.UnreadableLimit);
        videos = schedule.Videos / settings.Parts;
        var workers = settings.Workers == 0 ? Environment.ProcessorCount : settings.Workers;
        // Enough videos under way that no worker idles while the batch before is finished and handed out.
        batchesAhead = Math.Min(workers, (2 * workers - 1) / videos + 1) + 1;
        // All memory is taken now (the system gives pages when they are first written), so that it shows at the start
        // of a run whether there is enough, and one more for the batch the caller holds.
        for (var i = 0; i <= batchesAhead; i++)
            spare.Add(allocate());
        pipeline = new(workers, batchesAhead, Open, Fill, work => GiveBack(work.Memory));
    }

    /// <summary>How long <see cref="Next"/> has waited for batches in all.</summary>
    public TimeSpan Waited => pipeline.Waited;

    /// <summary>What was found out about the videos, also while reading ahead.</summary>
    public VideoFindings Findings { get; }

    /// <summary>The next micro-batch, to be given back by the caller. One caller at a time.</summary>
    /// <param name="stop">gives up waiting</param>
    /// <exception cref="TooManyUnreadableException">more videos than <c>data.unreadableLimit</c> cannot be read, or none can</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled</exception>
    public TMemory Next(CancellationToken stop) => pipeline.Next(stop)!.Memory;

    /// <summary>Takes a micro-batch back, to serve another.</summary>
    public void GiveBack(TMemory memory)
    {
        if (disposed || spare.Count > batchesAhead)
            memory.Dispose();
        else
            spare.Add(memory);
    }

    /// <summary>Stops the threads, each after the clip it is at, and frees what was read ahead.</summary>
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
        var (epoch, position) = schedule.Locate(settings.FirstMicroStep + number);
        if (order is not { } current || current.Epoch != epoch)
            order = current = (epoch, new(settings.Seed, epoch, manifest.Count));
        // A caller that holds several batches at a time makes this take more memory rather than wait for ever.
        var memory = spare.TryTake(out var free) ? free : allocate();
        return (new(memory, epoch, position, current.Order), videos);
    }

    /// <summary>Reads the clips of one video of a micro-batch, or of the video that stands in for it.</summary>
    private void Fill(Work work, int slot, CancellationToken stop)
    {
        for (var shift = 0; shift < manifest.Count; shift++)
        {
            var (sample, visit) = schedule.Visit(work.Order, work.Position + PlaceOf(slot), shift);
            if (Findings.IsSetAside(sample))
                continue;
            stop.ThrowIfCancellationRequested();
            if (TryRead(work, slot, sample, visit))
                return;
        }
        throw Findings.TooManyUnreadable();
    }

    /// <summary>
    /// Where in the whole micro-batch the video of a slot of this part stands. Parts are stretches, one after the other; where
    /// clips are mixed, the b-th with the b-th last, each is a stretch from the front and the one that mirrors it from the back.
    /// </summary>
    private int PlaceOf(int slot)
    {
        if (!settings.Mirrored)
            return settings.Part * videos + slot;
        var (front, back) = (videos - videos / 2, videos / 2);
        return slot < front ? settings.Part * front + slot : schedule.Videos - (settings.Part + 1) * back + slot - front;
    }

    private bool TryRead(Work work, int slot, int sample, int visit)
    {
        try
        {
            using var video = ClipReader.Open(manifest[sample], settings.Nvdec);
            ClipKey[] keys = [.. Enumerable.Range(visit * schedule.Repeats, schedule.Repeats).Select(repeat => new ClipKey(settings.Seed, work.Epoch, sample, repeat))];
            if (keys.Length > 1)
                announce?.Invoke(video, keys);
            for (var i = 0; i < keys.Length; i++)
                draw(video, work.Memory, slot * keys.Length + i, keys[i]);
            if (video.Frames < settings.ClipFrames)
                Findings.Short.Add(sample);
            if (video.FellBackToCpu)
                Findings.OnCpu.Add(sample);
            return true;
        }
        catch (MediaException e)
        {
            Findings.SetAside(sample, e);
            return false;
        }
    }

    /// <summary>What the batches are besides their schedule.</summary>
    /// <param name="Seed">the run's seed</param>
    /// <param name="FirstMicroStep">the micro-step of the run that <see cref="Next"/> gives first, from 0</param>
    /// <param name="ClipFrames">frames of a clip</param>
    /// <param name="Workers">threads that decode; 0 for as many as there are cores</param>
    /// <param name="UnreadableLimit">share of the videos that may be unreadable</param>
    /// <param name="Part">which part of every micro-batch to read</param>
    /// <param name="Parts">number of parts, which divides the videos of a micro-batch</param>
    /// <param name="Mirrored">whether the b-th clip and the b-th last shall lie in one part</param>
    /// <param name="Nvdec">the number of the GPU that decodes what it can; null leaves everything to the CPU</param>
    internal sealed record Settings(
        long Seed, long FirstMicroStep, int ClipFrames, int Workers, double UnreadableLimit, int Part = 0, int Parts = 1, bool Mirrored = false, int? Nvdec = null);

    /// <summary>A micro-batch that is being filled, and where it stands in the run.</summary>
    private sealed record Work(TMemory Memory, int Epoch, long Position, EpochOrder Order);
}
