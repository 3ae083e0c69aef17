using System.Diagnostics;
using System.Text;
using Sigma.Tests.Cli;

namespace Sigma.Tests.Ranks;

/// <summary>A launched run whose ranks a test looks for and kills.</summary>
internal sealed class LaunchedRun : IDisposable
{
    private readonly Process launcher;
    private readonly string folder;

    public LaunchedRun(string folder, params string[] line)
    {
        this.folder = folder;
        launcher = Program.Start(["launch", .. line]);
    }

    /// <summary>Waits until so many updates are done.</summary>
    public void WaitForStep(int step) => WaitUntil(() => Metrics() is var metrics && File.Exists(metrics) && File.ReadAllLines(metrics).Length >= step, "the run does not get on");

    /// <summary>Waits until a checkpoint is being written.</summary>
    public void WaitForSaving() => WaitUntil(
        () => Directory.Exists(Path.Combine(folder, "checkpoints")) && Directory.GetDirectories(Path.Combine(folder, "checkpoints"), "*.partial").Length > 0,
        "nothing is saved", pause: 0);

    /// <summary>SIGKILL for one rank.</summary>
    public void Kill(int rank)
    {
        using var process = Process.GetProcessById(Processes().First(p => p.Rank == rank).Id);
        process.Kill();
    }

    public Program.Outcome Finish() => Program.Finish(launcher);

    public void Dispose()
    {
        if (!launcher.HasExited)
        {
            var ranks = Processes().ToList();
            launcher.Kill();
            foreach (var (id, _) in ranks)
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
        }
        launcher.Dispose();
    }

    private string Metrics() => Path.Combine(folder, "metrics.jsonl");

    /// <summary>The launcher's ranks, by their environment.</summary>
    private IEnumerable<(int Id, int Rank)> Processes()
    {
        foreach (var path in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(path), out var id))
                continue;
            string[] variables;
            try
            {
                variables = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(path, "environ"))).Split('\0');
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                continue;
            }
            if (variables.Contains($"SIGMA_LAUNCHER={launcher.Id}") && variables.FirstOrDefault(v => v.StartsWith("RANK=", StringComparison.Ordinal)) is { } rank)
                yield return (id, int.Parse(rank.AsSpan("RANK=".Length), System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private void WaitUntil(Func<bool> so, string otherwise, int pause = 10)
    {
        var watch = Stopwatch.StartNew();
        while (!so())
        {
            Assert.False(launcher.HasExited, "the run ended before it was disturbed");
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), otherwise);
            if (pause > 0)
                Thread.Sleep(pause);
        }
    }
}
