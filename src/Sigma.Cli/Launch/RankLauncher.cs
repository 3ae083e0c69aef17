using System.Runtime.InteropServices;

namespace Sigma.Cli;

/// <summary>
/// Starts the ranks of this machine and watches them: forwards signals, ends all when one fails, and starts them again as
/// often as it was told to.
/// </summary>
internal sealed class RankLauncher : IDisposable
{
    private const int Interrupt = 2;
    private const int KillNow = 9;
    private const int Terminate = 15;

    /// <summary>The others learn of a failure by themselves and say what they know of it, within about this time.</summary>
    private static readonly TimeSpan OwnEnd = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan AskedEnd = TimeSpan.FromSeconds(5);

    private readonly LaunchPlan plan;
    private readonly PosixSignalRegistration[] registrations;
    private volatile IReadOnlyList<RankProcess> running = [];
    private volatile bool stopped;

    /// <summary>Settles what is launched, and takes over the signals.</summary>
    public RankLauncher(LaunchPlan plan)
    {
        this.plan = plan;
        registrations = [Forward(PosixSignal.SIGINT, Interrupt), Forward(PosixSignal.SIGTERM, Terminate)];
    }

    /// <summary>Runs to the end.</summary>
    /// <returns>0, or the code of the rank that failed first.</returns>
    public int Run()
    {
        for (var attempt = 0; ; attempt++)
        {
            var code = RunOnce(attempt);
            // Bad input, a run that stopped itself and one that was told to stop would end the same way again.
            if (stopped || attempt == plan.Restarts || code is 0 or ExitCodes.BadInput or ExitCodes.Stopped or ExitCodes.Interrupted)
                return code;
            Say(FormattableString.Invariant($"starting again from the last checkpoint ({attempt + 1} of {plan.Restarts})"));
        }
    }

    /// <summary>Gives the signals back.</summary>
    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
    }

    private int RunOnce(int attempt)
    {
        var port = plan.Port == 0 ? LaunchCommand.FreePort() : plan.Port;
        var processes = new List<RankProcess>();
        try
        {
            for (var local = 0; local < plan.Ranks; local++)
                processes.Add(new RankProcess(plan.FirstRank + local, plan.Start(local, attempt, port)));
            running = processes;
            return Watch(processes);
        }
        finally
        {
            running = [];
            foreach (var process in processes)
            {
                process.Signal(KillNow);
                process.Dispose();
            }
        }
    }

    private static int Watch(List<RankProcess> processes)
    {
        var left = processes.ToDictionary(p => p.Ended(), p => p);
        while (left.Count > 0)
        {
            var ended = Task.WhenAny(left.Keys).GetAwaiter().GetResult();
            left.Remove(ended, out var process);
            if (process!.ExitCode == 0)
                continue;
            process.Flush();
            if (process.ExitCode != ExitCodes.Interrupted)
                Say($"{process.End}{(left.Count > 0 ? "; the others end too" : "")}");
            End([.. left.Values]);
            foreach (var other in processes)
                other.Flush();
            return process.ExitCode;
        }
        foreach (var process in processes)
            process.Flush();
        return 0;
    }

    private static void End(IReadOnlyList<RankProcess> processes)
    {
        if (Wait(OwnEnd))
            return;
        Signal(Terminate);
        if (Wait(AskedEnd))
            return;
        Signal(KillNow);
        Wait(AskedEnd);

        bool Wait(TimeSpan most) => Task.WaitAll([.. processes.Select(p => p.Ended())], most);
        void Signal(int signal)
        {
            foreach (var process in processes)
                process.Signal(signal);
        }
    }

    private PosixSignalRegistration Forward(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        stopped = true;
        foreach (var process in running)
            process.Signal(number);
    });

    private static void Say(string message) => Console.Error.WriteLine($"sigma launch: {message}");
}
