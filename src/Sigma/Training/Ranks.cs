using System.Globalization;
using System.Text;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// The ranks that work on one thing together, or this process alone. What is written once for several ranks costs one
/// nothing: alone, every call gives back what it was given. All ranks make the same calls in the same order.
/// </summary>
public sealed class Ranks : IDisposable
{
    /// <summary>Seconds that a rank waits for the others before it gives up.</summary>
    public const string TimeoutVariable = "SIGMA_TIMEOUT";

    /// <summary>Set by the launcher: its own process, without which its ranks do not go on.</summary>
    public const string LauncherVariable = "SIGMA_LAUNCHER";

    /// <summary>Set by the launcher: how often the ranks have been started again.</summary>
    public const string AttemptVariable = "SIGMA_ATTEMPT";

    private const double UsualTimeoutSeconds = 600;

    private readonly Device device;

    private Ranks(ProcessGroup? group, Device device) => (Group, this.device) = (group, device);

    /// <summary>This process and no other.</summary>
    public static Ranks Alone { get; } = new(null, Device.Cpu);

    /// <summary>This rank, from 0.</summary>
    public int Rank => Group?.Rank ?? 0;

    /// <summary>Number of ranks, at least 1.</summary>
    public int Count => Group?.Size ?? 1;

    /// <summary>Whether this is rank 0, the one that writes and speaks.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Adds a tensor up over the ranks, in place; null where there is nothing to add.</summary>
    public Action<Tensor>? SumInPlace => Group is { } group ? tensor => group.AllReduce(tensor) : null;

    /// <summary>The connection; null where this process is alone.</summary>
    internal ProcessGroup? Group { get; }

    /// <summary>
    /// Meets the other ranks if the environment says that there are any (see <see cref="RankPlace.FromEnvironment"/>).
    /// </summary>
    /// <param name="device">Where this rank computes.</param>
    /// <exception cref="RankFailedException">Some rank has not come.</exception>
    public static Ranks Join(Device device)
    {
        if (RankPlace.FromEnvironment() is not { Size: > 1 } place)
            return Alone;
        var launcher = Environment.GetEnvironmentVariable(LauncherVariable) is { Length: > 0 } process ? int.Parse(process, CultureInfo.InvariantCulture) : 0;
        return new(ProcessGroup.Join(place, device, Timeout(), Environment.GetEnvironmentVariable(AttemptVariable) ?? "0", launcher), device);
    }

    /// <summary>
    /// Does this rank's part of the work. What it throws is told to the other ranks, which end with the same message; and
    /// where another rank has failed, whatever that broke here becomes that rank's message.
    /// </summary>
    /// <param name="exitCode">How the program ends after an exception.</param>
    /// <param name="work">The work.</param>
    public T Do<T>(Func<Exception, int> exitCode, Func<T> work)
    {
        if (Group is not { } group)
            return work();
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is not RankFailedException)
        {
            if (group.Failure is { } other)
                throw other;
            group.Tell(exitCode(failure), failure.Message);
            throw;
        }
    }

    /// <summary>Sums over the ranks.</summary>
    public double[] Sum(params double[] values)
    {
        if (Group is null)
            return values;
        using var scope = new TensorScope();
        var sums = F.To(Tensor.From(values), device);
        Group.AllReduce(sums);
        return sums.ToArray<double>();
    }

    /// <summary>The mean over the ranks.</summary>
    public double Mean(double value) => Group is null ? value : Sum(value)[0] / Count;

    /// <summary>Whether it is so on any rank; the same answer on all.</summary>
    public bool Any(bool here) => Group is null ? here : Sum(here ? 1 : 0)[0] > 0;

    /// <summary>The texts of all ranks, in their order.</summary>
    public string[] Gather(string text)
    {
        if (Group is null)
            return [text];
        using var scope = new TensorScope();
        var bytes = Encoding.UTF8.GetBytes(text);
        var lengths = Group.AllGather(Tensor.From([(long)bytes.Length])).ToArray<long>();
        var padded = new byte[Math.Max(lengths.Max(), 1)];
        bytes.CopyTo(padded, 0);
        var all = Group.AllGather(Tensor.From(padded)).ToArray<byte>();
        return [.. lengths.Select((length, rank) => Encoding.UTF8.GetString(all, rank * padded.Length, (int)length))];
    }

    /// <summary>
    /// The rows of all ranks, those of rank 0 first. Ranks may have different numbers of rows: the shorter ones are padded
    /// on the way, and what was padded is dropped.
    /// </summary>
    /// <param name="rows">[N, …], N may differ between ranks; the rest not.</param>
    public Tensor GatherRows(Tensor rows)
    {
        using var scope = new TensorScope();
        if (Group is null)
            return scope.Keep(F.Detach(rows));
        var counts = Group.AllGather(Tensor.From([rows.Size(0)])).ToArray<long>();
        var padded = F.Zeros([counts.Max(), .. rows.Shape[1..]], rows.Type, rows.Device);
        F.Copy_(F.Narrow(padded, 0, 0, rows.Size(0)), rows);
        var all = Group.AllGather(padded); // [ranks, most rows, …]
        return scope.Keep(F.Cat([.. counts.Select((count, rank) => F.Narrow(F.Select(all, 0, rank), 0, 0, count))], 0));
    }

    /// <summary>Rank 0's values overwrite those of the others, and their hashes are compared afterwards.</summary>
    /// <exception cref="BadInputException">They differ all the same.</exception>
    public void Share(string what, IReadOnlyCollection<Tensor> tensors)
    {
        if (Group is null)
            return;
        foreach (var tensor in tensors)
            Group.Broadcast(tensor);
        RequireSame(what, TensorHash.Of(tensors), (_, _) => "their hashes differ");
    }

    /// <summary>Refuses, on every rank, to go on with a text that is not the same on all.</summary>
    /// <param name="what">What the text says, for the message.</param>
    /// <param name="own">Of this rank.</param>
    /// <param name="difference">Tells rank 0's text and another's apart.</param>
    /// <exception cref="BadInputException">Some rank has another text; names it and the difference.</exception>
    public void RequireSame(string what, string own, Func<string, string, string> difference)
    {
        if (Group is null)
            return;
        var all = Gather(own);
        for (var rank = 1; rank < all.Length; rank++)
        {
            if (all[rank] != all[0])
                throw new BadInputException($"rank {rank} has another {what} than rank 0, but all ranks must have the same: {difference(all[0], all[rank])}");
        }
    }

    /// <summary>Waits until all ranks have come here.</summary>
    public void Barrier() => Group?.Barrier();

    /// <summary>Leaves the others.</summary>
    public void Dispose() => Group?.Dispose();

    private static TimeSpan Timeout()
    {
        if (Environment.GetEnvironmentVariable(TimeoutVariable) is not { Length: > 0 } text)
            return TimeSpan.FromSeconds(UsualTimeoutSeconds);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 86400
            ? TimeSpan.FromSeconds(seconds)
            : throw new BadInputException($"{TimeoutVariable} is {text}, but must be a number of seconds from 1 to 86400");
    }
}
