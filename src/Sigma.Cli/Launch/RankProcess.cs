using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sigma.Cli;

/// <summary>One rank as a process, whose lines come out with its number before them.</summary>
internal sealed partial class RankProcess : IDisposable
{
    private const int SignalBase = 128;
    private static readonly Lock Console = new();

    private readonly Process process;
    private readonly Task output;
    private readonly Task errors;

    /// <summary>Starts it.</summary>
    public RankProcess(int rank, ProcessStartInfo start)
    {
        Rank = rank;
        process = Process.Start(start) ?? throw new InvalidOperationException($"rank {rank} could not be started");
        output = Copy(process.StandardOutput, System.Console.Out);
        errors = Copy(process.StandardError, System.Console.Error);
    }

    /// <summary>Its number among all ranks.</summary>
    public int Rank { get; }

    /// <summary>How it ended: its own code, or 128 and the signal that killed it.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>How it ended, in words.</summary>
    public string End => ExitCode > SignalBase && ExitCode != ExitCodes.Interrupted
        ? $"rank {Rank} was killed by signal {ExitCode - SignalBase}{(ExitCode - SignalBase == 9 ? " (SIGKILL)" : "")}"
        : $"rank {Rank} ended with exit code {ExitCode}";

    /// <summary>Ends when the process has.</summary>
    public Task Ended() => process.WaitForExitAsync();

    /// <summary>Waits until all it said has come out.</summary>
    public void Flush() => Task.WaitAll([output, errors], TimeSpan.FromSeconds(5));

    /// <summary>Sends a signal, unless it has ended.</summary>
    public void Signal(int signal)
    {
        if (!process.HasExited)
            _ = Kill(process.Id, signal);
    }

    /// <summary>Lets go of the process.</summary>
    public void Dispose() => process.Dispose();

    private async Task Copy(StreamReader from, TextWriter to)
    {
        while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            lock (Console)
                to.WriteLine($"[{Rank}] {line}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
