using System.Diagnostics;
using System.Text.Json;

namespace Sigma.Torch;

/// <summary>
/// Watches over the ranks on a thread of its own, so that nobody waits without end for one that is gone. Every rank gives a
/// sign of life to the store each second; rank 0 looks who has fallen silent; whoever fails says so there; and whoever
/// reads of a failure, or reaches the store no more, stops its collectives.
/// </summary>
internal sealed class RankWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>When a collective has broken, somebody is probably gone, and this much silence is enough.</summary>
    private static readonly TimeSpan SuspiciousSilence = TimeSpan.FromSeconds(4);

    private readonly RankPlace place;
    private readonly RankStore store;
    private readonly TimeSpan silence;
    private readonly Func<(long Number, string Name)> begun;
    private readonly Action stopCollectives;
    private readonly int launcher;
    private readonly Thread thread;
    private readonly AutoResetEvent wake = new(false);
    private readonly ManualResetEventSlim failed = new();
    private readonly (string Beat, long Since)[] beats;
    private RankFailedException? failure;
    private volatile bool suspicious;
    private volatile bool stopping;

    /// <summary>Starts watching.</summary>
    /// <param name="place">this rank</param>
    /// <param name="store">a connection for the watch alone, whose timeout is about that silence</param>
    /// <param name="silence">how long a rank may give no sign of life</param>
    /// <param name="begun">number and name of the last collective of this rank</param>
    /// <param name="stopCollectives">makes every waiting and later collective end</param>
    /// <param name="launcher">the process without which this one shall not go on; 0 for none</param>
    public RankWatch(RankPlace place, RankStore store, TimeSpan silence, Func<(long Number, string Name)> begun, Action stopCollectives, int launcher)
    {
        (this.place, this.store, this.silence, this.begun, this.stopCollectives, this.launcher) = (place, store, silence, begun, stopCollectives, launcher);
        beats = new (string, long)[place.Size];
        Array.Fill(beats, ("", Stopwatch.GetTimestamp()));
        thread = new Thread(Watch) { Name = "rank watch", IsBackground = true };
        thread.Start();
    }

    /// <summary>What is known to have gone wrong, or null.</summary>
    public RankFailedException? Failure => Volatile.Read(ref failure);

    /// <summary>A collective broke: gives the watch time to find out who is gone.</summary>
    /// <returns>The failure, or null where every rank is alive.</returns>
    public RankFailedException? FindOut()
    {
        suspicious = true;
        wake.Set();
        failed.Wait(SuspiciousSilence + 4 * Interval);
        return Failure;
    }

    /// <summary>Tells all ranks through a connection of the caller that this one cannot go on. The first to say so is heard.</summary>
    public static void Tell(RankStore store, FailureRecord record)
    {
        if (store.Add("failures", 1) == 1)
            store.Set("failed", JsonSerializer.Serialize(record));
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        stopping = true;
        wake.Set();
        thread.Join();
        store.Dispose();
        wake.Dispose();
        failed.Dispose();
    }

    private void Watch()
    {
        try
        {
            for (var tick = 1L; !stopping && Failure is null; tick++)
            {
                Look(tick);
                wake.WaitOne(Interval);
            }
        }
        catch (TorchException unreachable)
        {
            Fail(new($"rank {place.Rank}: {During()} cannot end: rank 0 at {place.Host}:{place.Port} is gone or cannot be reached any more ({unreachable.Message})", 0));
        }
    }

    private void Look(long tick)
    {
        var (number, name) = begun();
        store.Set($"beat/{place.Rank}", FormattableString.Invariant($"{tick} {number} {name}"));
        if (suspicious)
            store.Set("suspicion", "");
        if (store.Has("failed"))
        {
            var record = JsonSerializer.Deserialize<FailureRecord>(store.Get("failed"))!;
            store.Add("heard", 1);
            Fail(new($"rank {place.Rank}: {During()} cannot end: {record.Message}", record.Rank, record.ExitCode));
        }
        else if (launcher != 0 && RankNative.getppid() != launcher)
        {
            Tell(store, new(place.Rank, null, $"the launcher of rank {place.Rank} is gone"));
        }
        else if (place.Rank == 0)
        {
            LookForSilence();
        }
    }

    private void LookForSilence()
    {
        var most = store.Has("suspicion") && SuspiciousSilence < silence ? SuspiciousSilence : silence;
        for (var rank = 1; rank < place.Size; rank++)
        {
            var beat = store.Get($"beat/{rank}");
            if (beat != beats[rank].Beat)
            {
                beats[rank] = (beat, Stopwatch.GetTimestamp());
            }
            else if (Stopwatch.GetElapsedTime(beats[rank].Since) is var since && since > most)
            {
                Tell(store, new(rank, null, FormattableString.Invariant($"rank {rank} ({store.Get($"here/{rank}")}) has given no sign of life for {since.TotalSeconds:0} s")));
                return;
            }
        }
    }

    private string During()
    {
        var (number, name) = begun();
        return FormattableString.Invariant($"{name} (collective {number})");
    }

    private void Fail(RankFailedException reason)
    {
        Volatile.Write(ref failure, reason);
        stopCollectives();
        failed.Set();
    }

    /// <summary>What a rank says before it ends.</summary>
    /// <param name="Rank">The rank that failed.</param>
    /// <param name="ExitCode">How its program ends, where it says so itself.</param>
    /// <param name="Message">What is wrong, naming the rank.</param>
    internal sealed record FailureRecord(int Rank, int? ExitCode, string Message);
}
