using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sigma.Torch;

/// <summary>How the values of the ranks become one.</summary>
public enum Reduction
{
    /// <summary>Their sum.</summary>
    Sum = 0,

    /// <summary>The largest.</summary>
    Max = 1,
}

/// <summary>
/// The ranks of a run, connected by libtorch's c10d: Gloo between CPUs, NCCL between GPUs, its TCP store as the meeting
/// point. All ranks make the same calls in the same order. Where one is gone or does not come, the others' calls end with a
/// <see cref="RankFailedException"/> that names it and the collective.
/// </summary>
public sealed class ProcessGroup : IDisposable
{
    private static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly RankPlace place;
    private readonly RankStore store;
    private readonly TimeSpan timeout;
    private readonly IntPtr handle;
    private readonly RankWatch watch;
    private bool told;
    private bool disposed;

    private ProcessGroup(RankPlace place, RankStore store, string prefix, Device device, TimeSpan timeout, int launcher)
    {
        (this.place, this.store, this.timeout) = (place, store, timeout);
        Native.Check(
            RankNative.st_group_create(store.Handle, prefix, place.Rank, place.Size, place.OwnAddress(), device.IsCuda ? device.Index : -1,
                (long)timeout.TotalMilliseconds, out handle),
            "connecting the ranks");
        var silence = timeout < MostSilence ? timeout : MostSilence;
        watch = new(place, new RankStore(place, prefix, server: false, silence), silence, Begun, () => RankNative.st_group_abort(handle), launcher);
    }

    /// <summary>This rank, from 0.</summary>
    public int Rank => place.Rank;

    /// <summary>Number of ranks.</summary>
    public int Size => place.Size;

    /// <summary>What is known to have gone wrong, or null.</summary>
    public RankFailedException? Failure => watch.Failure;

    /// <summary>Bytes of all tensors that this rank has given to all-reduces.</summary>
    public long ReducedBytes => RankNative.st_group_reduced_bytes(handle);

    /// <summary>Bytes this process has sent over the connections it has open, as the kernel counts them.</summary>
    public static long SentBytes => RankNative.st_sent_bytes();

    internal IntPtr Handle => handle;

    /// <summary>Meets the other ranks, and returns when all have come.</summary>
    /// <param name="place">This rank.</param>
    /// <param name="device">Where this rank computes; on a GPU the ranks are connected by NCCL too.</param>
    /// <param name="timeout">How long to wait for the others, here and in every collective.</param>
    /// <param name="attempt">Tells a run started again from the one before it, some of whose ranks may still be there.</param>
    /// <param name="launcher">The process without which this one shall not go on; 0 for none.</param>
    /// <exception cref="RankFailedException">Somebody has not come; names the ranks.</exception>
    public static ProcessGroup Join(RankPlace place, Device device, TimeSpan timeout, string attempt = "0", int launcher = 0)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            RankStore? store = null;
            try
            {
                if (place.Rank != 0)
                    AwaitListener(place, timeout, watch);
                store = new RankStore(place, attempt + "/", place.Rank == 0, Left(watch, timeout));
                Meet(place, store, timeout, watch);
                return new ProcessGroup(place, store, attempt + "/", device, timeout, launcher);
            }
            catch (TorchException failure)
            {
                store?.Dispose();
                if (place.Rank == 0)
                    throw new RankFailedException($"rank 0 cannot meet the others on port {place.Port} (MASTER_PORT, or --master): {failure.Message}", 0, null, failure);
                // Rank 0 of an earlier attempt may have been there and ended: the next one is awaited.
                if (watch.Elapsed >= timeout)
                    throw NotFound(place, timeout, failure);
                Thread.Sleep(Poll);
            }
            catch (RankFailedException)
            {
                store?.Dispose();
                throw;
            }
        }
    }

    /// <summary>Replaces a tensor by the sum, or the largest, over the ranks, element by element and alike on all.</summary>
    public void AllReduce(Tensor tensor, Reduction reduction = Reduction.Sum) =>
        Check(RankNative.st_group_all_reduce(handle, tensor.Handle, (int)reduction), $"all-reduce of {tensor}");

    /// <summary>Replaces a tensor by that of one rank.</summary>
    public void Broadcast(Tensor tensor, int root = 0) =>
        Check(RankNative.st_group_broadcast(handle, tensor.Handle, root), $"broadcast of {tensor} from rank {root}");

    /// <summary>The tensors of all ranks, of one shape, in their order.</summary>
    /// <returns>[size, …].</returns>
    public Tensor AllGather(Tensor tensor)
    {
        using var scope = new TensorScope();
        var all = Tensor.Empty([Size, .. tensor.Shape], tensor.Type, tensor.Device);
        Check(RankNative.st_group_all_gather(handle, F.Contiguous(tensor).Handle, all.Handle), $"all-gather of {tensor}");
        return scope.Keep(all);
    }

    /// <summary>Waits until every rank has come here.</summary>
    public void Barrier() => Check(RankNative.st_group_barrier(handle), "barrier");

    /// <summary>Tells the other ranks that this one cannot go on, and why; they end with that message.</summary>
    /// <param name="exitCode">How this program will end.</param>
    /// <param name="message">What is wrong.</param>
    public void Tell(int exitCode, string message)
    {
        if (told || disposed || Failure is not null)
            return;
        told = true;
        try
        {
            RankWatch.Tell(store, new(Rank, exitCode, $"rank {Rank} ended: {message}"));
        }
        catch (TorchException)
        {
            // The store is gone, and with it those who could be told.
        }
    }

    /// <summary>
    /// Leaves. Rank 0 stays until the others have left, or have heard why not, since the meeting point goes with it.
    /// </summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        if (told)
            _ = watch.FindOut();
        var broken = Failure is not null;
        watch.Dispose();
        try
        {
            if (!broken)
                store.Add("left", 1);
            if (Rank == 0)
                WaitFor(broken ? "heard" : "left", TimeSpan.FromSeconds(broken ? 3 : 30));
        }
        catch (TorchException)
        {
            // Nobody is left to say goodbye to.
        }
        RankNative.st_group_free(handle);
        store.Dispose();
    }

    /// <summary>Throws what happened to the ranks if a call came back with a status other than 0.</summary>
    internal void Check(int status, string collective)
    {
        if (status == 0)
            return;
        var cause = new TorchException(collective, Native.LastError());
        throw watch.FindOut() ?? new RankFailedException($"rank {Rank}: {collective} failed: {WhoIsMissing()}{cause.Message}", null, null, cause);
    }

    private string WhoIsMissing()
    {
        var (number, _) = Begun();
        var missing = new List<string>();
        for (var rank = 0; rank < Size; rank++)
        {
            var beat = store.Get($"beat/{rank}").Split(' ', 3);
            if (rank != Rank && long.Parse(beat[1], System.Globalization.CultureInfo.InvariantCulture) < number)
                missing.Add($"rank {rank} ({store.Get($"here/{rank}")}) has not come to it (its last collective was number {beat[1]}, {beat[2]}; this one is number {number})");
        }
        return missing.Count == 0 ? "" : FormattableString.Invariant($"within {timeout.TotalSeconds:0} s ") + string.Join(", ", missing) + "; ";
    }

    private void WaitFor(string counter, TimeSpan most)
    {
        var watched = Stopwatch.StartNew();
        while (store.Add(counter, 0) < Size && watched.Elapsed < most)
            Thread.Sleep(Poll);
    }

    private (long Number, string Name) Begun()
    {
        var number = RankNative.st_group_begun(handle, out var name);
        return (number, Marshal.PtrToStringUTF8(name) ?? "");
    }

    /// <summary>Until somebody listens where rank 0 should: c10d would complain aloud at every try.</summary>
    private static void AwaitListener(RankPlace place, TimeSpan timeout, Stopwatch watch)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                if (client.ConnectAsync(place.Host, place.Port).Wait(Left(watch, timeout)))
                    return;
                throw NotFound(place, timeout, null);
            }
            catch (AggregateException failure) when (failure.InnerException is SocketException)
            {
                if (watch.Elapsed >= timeout)
                    throw NotFound(place, timeout, failure.InnerException);
                Thread.Sleep(2 * Poll);
            }
        }
    }

    private static RankFailedException NotFound(RankPlace place, TimeSpan timeout, Exception? failure) => new(
        FormattableString.Invariant($"rank {place.Rank}: rank 0 was not found at {place.Host}:{place.Port} (MASTER_ADDR, MASTER_PORT) within {timeout.TotalSeconds:0} s{(failure is null ? "" : $": {failure.Message}")}"),
        0, null, failure);

    /// <summary>Rank 0 waits for all, the others for its word that all are there.</summary>
    private static void Meet(RankPlace place, RankStore store, TimeSpan timeout, Stopwatch watch)
    {
        store.Set($"beat/{place.Rank}", "0 0 none");
        store.Set($"here/{place.Rank}", $"{Environment.MachineName}, process {Environment.ProcessId}");
        if (place.Rank != 0)
        {
            while (!store.Has("all"))
            {
                if (store.Has("failed"))
                    throw new RankFailedException($"rank {place.Rank}: {store.Get("failed")}");
                if (watch.Elapsed > timeout + TimeSpan.FromSeconds(5))
                    throw new RankFailedException($"rank {place.Rank}: rank 0 at {place.Host}:{place.Port} answers, but does not say that all {place.Size} ranks have come");
                Thread.Sleep(Poll);
            }
            return;
        }
        var missing = Enumerable.Range(0, place.Size).ToList();
        while (missing.RemoveAll(rank => store.Has($"here/{rank}")) >= 0 && missing.Count > 0)
        {
            if (watch.Elapsed > timeout)
            {
                var who = $"rank{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing.Take(20))}{(missing.Count > 20 ? " …" : "")}";
                var message = FormattableString.Invariant($"{missing.Count} of {place.Size} ranks have not come within {timeout.TotalSeconds:0} s: {who}. All ranks must be started with the same WORLD_SIZE, MASTER_ADDR and MASTER_PORT; under SLURM, with srun.");
                store.Set("failed", message);
                Thread.Sleep(TimeSpan.FromSeconds(1)); // for those who are there to read it
                throw new RankFailedException($"rank 0: {message}", missing[0]);
            }
            Thread.Sleep(Poll);
        }
        store.Set("all", "");
    }

    private static TimeSpan Left(Stopwatch watch, TimeSpan timeout)
    {
        var left = timeout - watch.Elapsed;
        return left > Poll ? left : Poll;
    }
}
