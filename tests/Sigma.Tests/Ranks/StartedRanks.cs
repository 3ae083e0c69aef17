using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sigma.Tests.Cli;

namespace Sigma.Tests.Ranks;

/// <summary>Ranks as processes with the variables of torchrun, each with its own command line.</summary>
internal sealed class StartedRanks : IDisposable
{
    private readonly int port = FreePort();
    private readonly int size;
    private readonly List<Process> processes = [];

    public StartedRanks(params string[][] lines)
        : this(lines.Length)
    {
        foreach (var line in lines)
            Start(line);
    }

    public StartedRanks(int size) => this.size = size;

    public IReadOnlyList<Process> Processes => processes;

    /// <summary>As many ranks that all do one job of <see cref="RankJobs"/>.</summary>
    public static StartedRanks OfJob(int size, params string[] job)
    {
        var ranks = new StartedRanks(size);
        for (var rank = 0; rank < size; rank++)
            ranks.Start(job, program: "Sigma.Tests.dll");
        return ranks;
    }

    /// <summary>Starts the next rank; a timeout that a loaded machine keeps, unless told otherwise.</summary>
    public Process Start(string[] line, string timeout = "90", string program = "Sigma.Cli.dll")
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program));
        foreach (var argument in line)
            start.ArgumentList.Add(argument);
        var rank = processes.Count.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in new[]
        {
            ("RANK", rank), ("LOCAL_RANK", rank), ("WORLD_SIZE", size.ToString(CultureInfo.InvariantCulture)),
            ("MASTER_ADDR", "127.0.0.1"), ("MASTER_PORT", port.ToString(CultureInfo.InvariantCulture)),
            ("DOTNET_PROCESSOR_COUNT", "1"), ("SIGMA_TIMEOUT", timeout),
        })
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        processes.Add(process);
        return process;
    }

    /// <summary>How each of them ended, once all have.</summary>
    public Program.Outcome[] Finish()
    {
        var outcomes = processes.Select(p => Task.Run(() => Program.Finish(p))).ToArray();
        Task.WaitAll(outcomes);
        return [.. outcomes.Select(o => o.Result)];
    }

    public void Dispose()
    {
        foreach (var process in processes)
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
