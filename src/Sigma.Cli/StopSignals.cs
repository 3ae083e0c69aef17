using System.Runtime.InteropServices;

namespace Sigma.Cli;

/// <summary>
/// Ctrl-C and SIGTERM as a token: the first asks the work to save and end, a second one on top of it ends the process at
/// once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public StopSignals() => registrations = [Register(PosixSignal.SIGINT), Register(PosixSignal.SIGTERM)];

    public CancellationToken Token => source.Token;

    private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        if (source.IsCancellationRequested)
            return;
        context.Cancel = true;
        Console.Error.WriteLine("stopping after this step, saved; once more ends at once");
        source.Cancel();
    });

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }
}
