using System.Diagnostics;
using System.Runtime.InteropServices;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary>
/// Ctrl-C and SIGTERM as a token: the first asks the work to save and end, a second one on top of it ends the process at
/// once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan Echo = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly Stopwatch sinceFirst = new();

    public StopSignals() => registrations = [Register(PosixSignal.SIGINT), Register(PosixSignal.SIGTERM)];

    private static bool IsLaunched => Environment.GetEnvironmentVariable(Ranks.LauncherVariable) is not null;

    public CancellationToken Token => source.Token;

    private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        // A terminal signals a launcher and its ranks, and the launcher its ranks: what comes twice at once is one signal.
        if (sinceFirst.IsRunning && IsLaunched && sinceFirst.Elapsed < Echo)
        {
            context.Cancel = true;
            return;
        }
        if (source.IsCancellationRequested)
            return;
        sinceFirst.Start();
        context.Cancel = true;
        Console.Error.WriteLine("stopping when what is under way is done; once more ends at once");
        source.Cancel();
    });

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }
}
