using System.Diagnostics;
using Sigma.Tests.Cli;

namespace Sigma.Tests.Ranks;

[Trait("Category", "ranks")]
public sealed class FailingRankTests
{
    private const string Last = "checkpoints/step-000030/model.safetensors";

    [Fact]
    public void A_rank_killed_in_the_middle_of_a_step_is_named_and_a_restart_ends_with_the_same_bytes()
    {
        using var files = new TinyRun();
        var told = KillAndRestart(files, rank: 1, run => run.WaitForStep(10));
        Assert.Matches(@"\[0\] sigma: rank 0: .*collective \d+\) cannot end: rank 1 \(.*no sign of life", told);
        Assert.Contains("[0] continuing from step-000007", told, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "long")]
    public void Rank_0_killed_while_it_saves_leaves_the_checkpoint_before_whole()
    {
        using var files = new TinyRun();
        var told = KillAndRestart(files, rank: 0, run =>
        {
            run.WaitForStep(8);
            run.WaitForSaving();
        }, "--set", "checkpoint.every=1");
        Assert.Matches(@"\[1\] sigma: rank 1: .*rank 0", told);
        Assert.Contains("[0] continuing from step-", told, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_full_disk_of_rank_0_is_told_on_every_rank()
    {
        Skip.IfNot(Environment.UserName == "root", "needs the right to mount a small file system");
        using var files = new TinyRun();
        Directory.CreateDirectory(files.In("small"));
        using (var mounting = Process.Start("mount", ["-t", "tmpfs", "-o", "size=900k", "tmpfs", files.In("small")]))
        {
            mounting.WaitForExit();
            Skip.IfNot(mounting.ExitCode == 0, "a small file system could not be mounted");
        }
        try
        {
            var line = TwoRankTests.Pretrain(files, "small/run", "--max-steps", "60", "--set", "checkpoint.every=1", "--set", "checkpoint.keep=100");
            using var ranks = new StartedRanks(line, line);
            var outcomes = ranks.Finish();
            Assert.All(outcomes, o => Assert.Equal(1, o.Code));
            Assert.All(outcomes, o => Assert.Contains("could not be saved", o.Errors, StringComparison.Ordinal));
            Assert.Contains("rank 0 ended: the checkpoint of step", outcomes[1].Errors, StringComparison.Ordinal);
        }
        finally
        {
            using var gone = Process.Start("umount", ["-l", files.In("small")]);
            gone.WaitForExit();
        }
    }

    [Fact]
    public void Without_rank_0_and_without_the_others_the_missing_are_named()
    {
        using var files = new TinyRun(videos: 2);
        foreach (var (rank, told) in new[] { (0, "rank 0: 1 of 2 ranks have not come within 2 s: rank 1"), (1, "rank 1: rank 0 was not found at 127.0.0.1:") })
        {
            using var alone = new StartedRanks(2);
            for (var i = 0; i <= rank; i++)
                alone.Start(TwoRankTests.Pretrain(files, "run"), timeout: "2");
            if (rank == 1)
                alone.Processes[0].Kill();
            var outcome = Program.Finish(alone.Processes[rank]);
            Assert.Equal(1, outcome.Code);
            Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Category", "long")]
    public void A_rank_that_starts_twenty_seconds_late_is_waited_for()
    {
        using var files = new TinyRun();
        using var ranks = new StartedRanks(2);
        var line = TwoRankTests.Pretrain(files, "run", "--max-steps", "3");
        ranks.Start(line, timeout: "120");
        Thread.Sleep(TimeSpan.FromSeconds(20));
        ranks.Start(line, timeout: "120");
        Assert.All(ranks.Finish(), o => Assert.True(o.Code == 0, o.Errors));
    }

    [Fact]
    public void A_signal_to_the_launcher_saves_on_all_ranks_and_ends_with_130()
    {
        using var files = new TinyRun();
        using var launcher = Program.Start(["launch", "--ranks", "2", "--", .. TwoRankTests.Pretrain(files, "run", "--set", "optimizer.steps=1000000")]);
        var metrics = files.In("run/metrics.jsonl");
        while (!File.Exists(metrics) || File.ReadAllLines(metrics).Length < 3)
        {
            Assert.False(launcher.HasExited, "the run ended before it was stopped");
            Thread.Sleep(20);
        }
        using (var kill = Process.Start("kill", ["-TERM", launcher.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            kill.WaitForExit();
        var outcome = Program.Finish(launcher);
        Assert.Equal(130, outcome.Code);
        Assert.Contains("[0] interrupted after", outcome.Output, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetDirectories(files.In("run/checkpoints"), "step-*"));
    }

    [Theory]
    [InlineData("--ranks is 0", "--ranks", "0", "--", "doctor")]
    [InlineData("--nodes needs --master HOST:PORT", "--ranks", "1", "--nodes", "2", "--", "doctor")]
    [InlineData("--master is node01", "--ranks", "1", "--nodes", "2", "--master", "node01", "--", "doctor")]
    [InlineData("--node is 2", "--ranks", "1", "--nodes", "2", "--node", "2", "--master", "a:1", "--", "doctor")]
    [InlineData("launch does not launch itself", "--ranks", "1", "--", "launch")]
    public void Wrong_use_of_the_launcher_is_refused(string told, params string[] line)
    {
        var outcome = Program.Run(["launch", .. line]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
    }

    /// <summary>Two ranks, of which one is killed at a moment; started again they end as if nothing had happened.</summary>
    /// <returns>What was said.</returns>
    private static string KillAndRestart(TinyRun files, int rank, Action<LaunchedRun> moment, params string[] more)
    {
        using var run = new LaunchedRun(files.In("killed"), ["--ranks", "2", "--restarts", "1", "--", .. TwoRankTests.Pretrain(files, "killed", ["--max-steps", "30", .. more])]);
        moment(run);
        run.Kill(rank);
        var outcome = run.Finish();
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains($"rank {rank} was killed by signal 9", outcome.Errors, StringComparison.Ordinal);
        var whole = Program.Run(["launch", "--ranks", "2", "--", .. TwoRankTests.Pretrain(files, "whole", "--max-steps", "30")]);
        Assert.True(whole.Code == 0, whole.Errors);
        Assert.Equal(File.ReadAllBytes(files.In($"whole/{Last}")), File.ReadAllBytes(files.In($"killed/{Last}")));
        return outcome.Errors;
    }
}
