using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Sigma.Data;

/// <summary>
/// Lets several threads fill batches and hands the batches out in order. Work is given out slot by slot, so that all
/// threads help with the batch that is wanted next; how far they run ahead is bounded. What a batch holds must follow from
/// its number and the slot alone: then neither the number of threads nor their pace changes it.
/// </summary>
internal sealed class BatchPipeline<TBatch> : IDisposable
    where TBatch : class
{
    private readonly object gate = new(); // guards all that follows
    private readonly Queue<Progress> ahead = new();
    private readonly Func<long, (TBatch Batch, int Slots)?> open;
    private readonly Action<TBatch, int, CancellationToken> fill;
    private readonly Action<TBatch> discard;
    private readonly CancellationTokenSource stopping = new();
    private readonly Thread[] threads;
    private readonly int depth;
    private Progress? filling;
    private long opened;
    private bool ended;
    private bool disposed;
    private ExceptionDispatchInfo? failure;
    private long waited;

    /// <summary>Starts the threads.</summary>
    /// <param name="workers">threads</param>
    /// <param name="depth">most batches that are begun but not yet handed out</param>
    /// <param name="open">makes the batch of a number, from 0, with at least one slot; null where there is none. One call at a time.</param>
    /// <param name="fill">fills a slot of a batch; many calls at a time. It should give up when the token says so.</param>
    /// <param name="discard">frees a batch that was never handed out</param>
    public BatchPipeline(
        int workers,
        int depth,
        Func<long, (TBatch Batch, int Slots)?> open,
        Action<TBatch, int, CancellationToken> fill,
        Action<TBatch> discard)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        (this.depth, this.open, this.fill, this.discard) = (depth, open, fill, discard);
        threads = [.. Enumerable.Range(1, workers).Select(number => new Thread(Work) { Name = $"clips {number}", IsBackground = true })];
        foreach (var thread in threads)
            thread.Start();
    }

    /// <summary>How long <see cref="Next"/> has waited so far.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref waited));

    /// <summary>The next batch, which is the caller's from now on; null after the last. One caller at a time.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled</exception>
    /// <exception cref="ObjectDisposedException">after <see cref="Dispose"/></exception>
    /// <exception cref="Exception">whatever was thrown while a batch was opened or filled</exception>
    public TBatch? Next(CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        using var wake = stop.Register(WakeAll);
        try
        {
            lock (gate)
            {
                while (true)
                {
                    ObjectDisposedException.ThrowIf(disposed, this);
                    stop.ThrowIfCancellationRequested();
                    failure?.Throw();
                    if (ahead.TryPeek(out var first) && first.Left == 0)
                    {
                        ahead.Dequeue();
                        Monitor.PulseAll(gate);
                        return first.Batch;
                    }
                    if (ended && ahead.Count == 0)
                        return null;
                    Monitor.Wait(gate);
                }
            }
        }
        finally
        {
            Interlocked.Add(ref waited, Stopwatch.GetTimestamp() - start);
        }
    }

    /// <summary>Stops the threads, each after the slot it is at, and frees the batches that were not handed out.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
                return;
            disposed = true;
            stopping.Cancel();
            Monitor.PulseAll(gate);
        }
        foreach (var thread in threads)
            thread.Join();
        foreach (var progress in ahead)
            discard(progress.Batch);
        ahead.Clear();
        stopping.Dispose();
    }

    private void Work()
    {
        try
        {
            while (Take() is { } work)
            {
                fill(work.Of.Batch, work.Slot, stopping.Token);
                Finish(work.Of);
            }
        }
        catch (Exception e) // it would end the process here; the caller of Next shall see it
        {
            lock (gate)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
                stopping.Cancel();
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>The next slot to fill, waiting for room; null when there is no more to do.</summary>
    private (Progress Of, int Slot)? Take()
    {
        lock (gate)
        {
            while (!stopping.IsCancellationRequested && !(ended && filling is null))
            {
                if (filling is { } current)
                {
                    var slot = current.Taken++;
                    if (current.Taken == current.Slots)
                        filling = null;
                    return (current, slot);
                }
                if (ahead.Count == depth)
                {
                    Monitor.Wait(gate);
                }
                else if (open(opened++) is { } next)
                {
                    filling = new(next.Batch, next.Slots);
                    ahead.Enqueue(filling);
                }
                else
                {
                    ended = true;
                    Monitor.PulseAll(gate);
                }
            }
            return null;
        }
    }

    private void Finish(Progress progress)
    {
        lock (gate)
        {
            if (--progress.Left == 0)
                Monitor.PulseAll(gate);
        }
    }

    private void WakeAll()
    {
        lock (gate)
            Monitor.PulseAll(gate);
    }

    private sealed class Progress(TBatch batch, int slots)
    {
        public TBatch Batch { get; } = batch;

        public int Slots { get; } = slots;

        /// <summary>Slots some thread has taken.</summary>
        public int Taken { get; set; }

        /// <summary>Slots not yet filled.</summary>
        public int Left { get; set; } = slots;
    }
}
