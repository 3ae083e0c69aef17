using System.Diagnostics;
using System.Globalization;
using Sigma.Tests.Cli;

namespace Sigma.Tests.Ranks;

/// <summary>Two hosts on this machine: network namespaces with addresses of their own, joined by a cable of two ends.</summary>
[Trait("Category", "ranks")]
public sealed class TwoHostTests : IDisposable
{
    private readonly string first = $"sigma-a-{Environment.ProcessId}";
    private readonly string second = $"sigma-b-{Environment.ProcessId}";

    [SkippableFact]
    public void Two_hosts_train_together_and_a_cut_cable_ends_both_in_time()
    {
        Skip.IfNot(Environment.UserName == "root", "needs the right to make network namespaces");
        Skip.IfNot(File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip"), "needs ip (iproute2)");
        Skip.IfNot(Ip("netns", "add", first) && Ip("netns", "add", second), "network namespaces cannot be made here");
        Assert.True(Ip("-n", first, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", second));
        foreach (var (host, address) in new[] { (first, "10.213.7.1/24"), (second, "10.213.7.2/24") })
        {
            Assert.True(Ip("-n", host, "addr", "add", address, "dev", "cable"));
            Assert.True(Ip("-n", host, "link", "set", "lo", "up") && Ip("-n", host, "link", "set", "cable", "up"));
        }

        using var files = new TinyRun();
        using var a = Launch(files, first, 0);
        using var b = Launch(files, second, 1);
        try
        {
            WaitForSteps(files.In("run/metrics.jsonl"), 5, a);
            Assert.True(Ip("-n", first, "link", "set", "cable", "down"));
            var watch = Stopwatch.StartNew();
            var outcomes = new[] { a, b }.Select(p => Task.Run(() => Program.Finish(p))).Select(t => t.Result).ToList();
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed} after the cut");
            Assert.All(outcomes, o => Assert.Equal(1, o.Code));
            Assert.Matches(@"\[0\] sigma: rank 0: .*rank 1 \(.*no sign of life", outcomes[0].Errors);
            Assert.Matches(@"\[1\] sigma: rank 1: .*rank 0", outcomes[1].Errors);
        }
        finally
        {
            foreach (var process in new[] { a, b }.Where(p => !p.HasExited))
                process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose()
    {
        Ip("netns", "del", first);
        Ip("netns", "del", second);
    }

    private static Process Launch(TinyRun files, string host, int node)
    {
        var start = new ProcessStartInfo("ip") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] line =
        [
            "netns", "exec", host, "dotnet", Path.Combine(AppContext.BaseDirectory, "Sigma.Cli.dll"),
            "launch", "--ranks", "1", "--nodes", "2", "--node", node.ToString(CultureInfo.InvariantCulture), "--master", "10.213.7.1:29500", "--",
            .. TwoRankTests.Pretrain(files, "run", "--set", "optimizer.steps=1000000"),
        ];
        foreach (var argument in line)
            start.ArgumentList.Add(argument);
        start.Environment["SIGMA_TIMEOUT"] = "10";
        return Process.Start(start)!;
    }

    private static void WaitForSteps(string metrics, int steps, Process run)
    {
        var watch = Stopwatch.StartNew();
        while (!File.Exists(metrics) || File.ReadAllLines(metrics).Length < steps)
        {
            Assert.False(run.HasExited, run.HasExited ? run.StandardError.ReadToEnd() : "");
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "the run does not get on");
            Thread.Sleep(50);
        }
    }

    private static bool Ip(params string[] line)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", line) { RedirectStandardError = true })!;
        ip.WaitForExit();
        return ip.ExitCode == 0;
    }
}
