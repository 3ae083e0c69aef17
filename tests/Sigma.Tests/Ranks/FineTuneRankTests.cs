using System.Diagnostics;
using System.Globalization;
using Sigma.Evaluation;
using Sigma.Tests.Cli;
using Sigma.Training;

namespace Sigma.Tests.Ranks;

/// <summary>Fine-tuning by ranks as processes, which the launcher starts.</summary>
[Trait("Category", "ranks")]
public sealed class FineTuneRankTests
{
    [Fact]
    public void Two_ranks_fine_tune_validate_and_test_as_one_with_the_same_global_batch()
    {
        using var files = new TinyFineTune(videosOfAClass: 5); // 15 to train and to validate: one rank has one more
        File.WriteAllText(Path.Combine(files.Data, "coin", "text.mp4"), "text");
        File.WriteAllText(Path.Combine(files.Validation, "disc", "text.mp4"), "text");
        var one = Program.Run(Finetune(files, "one", "--set", "layers.dropPath=0.3"));
        Assert.True(one.Code == 0, one.Errors);
        var two = Launch(2, Finetune(files, "two", "--set", "layers.dropPath=0.3"));
        Assert.True(two.Code == 0, two.Errors);
        AssertSame(files, "one", "two", "checkpoints/step-000016", 16);
        Assert.Equal(2, File.ReadAllLines(files.In("two/unreadable.txt")).Length);
        Assert.Single(two.Output.Split("best validation").Skip(1));
    }

    [Fact]
    public void Micro_batches_repeats_averages_and_shared_moments_change_nothing_either()
    {
        using var files = new TinyFineTune();
        string[] everything =
        [
            "--set", "optimizer.batch=16", "--set", "optimizer.accumulate=2", "--set", "augmentation.repeats=2", "--set", "optimizer.averageWeights=0.9",
            "--set", "optimizer.steps=3", "--set", "clip.sampling=segments",
        ];
        Assert.Equal(0, Program.Run(Finetune(files, "one", everything)).Code);
        var two = Launch(2, Finetune(files, "two", [.. everything, "--set", "optimizer.shardState=true"]));
        Assert.True(two.Code == 0, two.Errors);
        AssertSame(files, "one", "two", "checkpoints/step-000003", 3);
        // What two ranks saved, one continues.
        var on = Program.Run(Finetune(files, "two", [.. everything, "--resume"]));
        Assert.True(on.Code == 0, on.Errors);
    }

    [Fact]
    public void A_run_whose_rank_is_killed_and_one_that_is_interrupted_end_with_the_bytes_of_one_that_was_left_alone()
    {
        using var files = new TinyFineTune(videosOfAClass: 5);
        string[] slower = ["--set", "optimizer.epochs=8"]; // 24 steps
        var whole = Launch(2, Finetune(files, "whole", slower));
        Assert.True(whole.Code == 0, whole.Errors);

        using (var run = new LaunchedRun(files.In("killed"), ["--ranks", "2", "--restarts", "1", "--", .. Finetune(files, "killed", slower)]))
        {
            run.WaitForStep(7);
            run.Kill(1);
            var outcome = run.Finish();
            Assert.True(outcome.Code == 0, outcome.Errors);
            Assert.Contains("rank 1 was killed by signal 9", outcome.Errors, StringComparison.Ordinal);
            Assert.Contains("[0] continuing from step-000005", outcome.Errors, StringComparison.Ordinal);
        }

        using (var launcher = Program.Start(["launch", "--ranks", "2", "--", .. Finetune(files, "interrupted", slower)]))
        {
            WaitForSteps(launcher, files.In("interrupted/metrics.jsonl"), 2);
            using (var kill = Process.Start("kill", ["-TERM", launcher.Id.ToString(CultureInfo.InvariantCulture)]))
                kill.WaitForExit();
            Assert.Equal(130, Program.Finish(launcher).Code);
        }
        var resumed = Launch(2, Finetune(files, "interrupted", [.. slower, "--resume"]));
        Assert.True(resumed.Code == 0, resumed.Errors);

        foreach (var file in new[] { "checkpoints/step-000024/model.safetensors", "best/model.safetensors", "validation.jsonl", "test.json" })
        {
            var bytes = File.ReadAllText(files.In($"whole/{file}"));
            Assert.Equal(bytes, File.ReadAllText(files.In($"killed/{file}")).Replace("/killed/", "/whole/", StringComparison.Ordinal));
            Assert.Equal(bytes, File.ReadAllText(files.In($"interrupted/{file}")).Replace("/interrupted/", "/whole/", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Batches_that_cannot_be_shared_out_and_other_validation_videos_are_refused_on_every_rank()
    {
        using var files = new TinyFineTune(videosOfAClass: 1);
        var line = Finetune(files, "run");
        Refused("3 ranks cannot share out a micro-batch of 4 videos", line, line, line);
        var odd = Finetune(files, "run", "--set", "optimizer.batch=2");
        Refused("evenly in pairs, as mixup and cutmix want them: choose optimizer.batch or optimizer.accumulate so that 4 divides it", odd, odd);
        TinyRun.Render(Path.Combine(files.Data, "ball", "more.mp4"), 7);
        string[] other = [.. line];
        other[Array.IndexOf(other, "--val") + 1] = files.Data;
        Refused("rank 1 has another list of videos than rank 0", line, other);
        // Without mixing, no clip needs another.
        string[] alone = [.. odd, "--set", "augmentation.mixup=0", "--set", "augmentation.cutmix=0", "--max-steps", "1"];
        var trained = Launch(2, alone);
        Assert.True(trained.Code == 0, trained.Errors);
    }

    private static void Refused(string told, params string[][] lines)
    {
        using var ranks = new StartedRanks(lines);
        foreach (var outcome in ranks.Finish())
        {
            Assert.Equal(2, outcome.Code);
            Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        }
    }

    internal static string[] Finetune(TinyFineTune files, string name, params string[] more) =>
    [
        "finetune", files.RecipeFile, "--data", files.Data, "--val", files.Validation, "--init", files.Init, "--out", files.In(name),
        "--device", "cpu", .. more,
    ];

    internal static Program.Outcome Launch(int ranks, string[] line) =>
        Program.Run(["launch", "--ranks", ranks.ToString(CultureInfo.InvariantCulture), "--", .. line]);

    /// <summary>Losses, weights, validation and multi-view test of two runs are the same.</summary>
    internal static void AssertSame(TinyFineTune files, string one, string other, string last, int steps)
    {
        var (a, b) = (MetricsFile.Read(files.In($"{one}/metrics.jsonl")).ToList(), MetricsFile.Read(files.In($"{other}/metrics.jsonl")).ToList());
        Assert.Equal((steps, steps), (a.Count, b.Count));
        Assert.All(a.Zip(b), p => Assert.InRange(p.Second.Loss / p.First.Loss, 1 - 1e-4, 1 + 1e-4));
        Assert.All(a.Zip(b), p => Assert.InRange(p.Second.GradNorm / p.First.GradNorm, 1 - 1e-3, 1 + 1e-3));
        TwoRankTests.AssertSameWeights(files.In($"{one}/{last}"), files.In($"{other}/{last}"));
        TwoRankTests.AssertSameWeights(files.In($"{one}/best"), files.In($"{other}/best"));
        var (scores, others) = (Scores(files.In(one)), Scores(files.In(other)));
        Assert.Equal(scores.Select(s => (s.Step, s.Epoch, s.Top1, s.Top5, s.Videos)), others.Select(s => (s.Step, s.Epoch, s.Top1, s.Top5, s.Videos)));
        Assert.All(scores.Zip(others), p => Assert.Equal(p.First.Loss, p.Second.Loss, 1e-4));
        AssertSameResult(files.In($"{one}/test.json"), files.In($"{other}/test.json"));
    }

    internal static void AssertSameResult(string one, string other)
    {
        var (a, b) = (EvaluationResult.Read(one), EvaluationResult.Read(other));
        Assert.Equal(a.Videos, b.Videos);
        Assert.Equal(a.Figures, b.Figures);
        Assert.Equal(a.SettingsHash, b.SettingsHash);
        Assert.Equal(a.Confusion?.SelectMany(row => row), b.Confusion?.SelectMany(row => row));
    }

    private static List<ValidationScore> Scores(string run)
    {
        var options = new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web);
        return [.. File.ReadLines(Path.Combine(run, "validation.jsonl")).Select(line => System.Text.Json.JsonSerializer.Deserialize<ValidationScore>(line, options)!)];
    }

    private static void WaitForSteps(Process launcher, string metrics, int steps)
    {
        while (!File.Exists(metrics) || File.ReadAllLines(metrics).Length < steps)
        {
            Assert.False(launcher.HasExited, "the run ended before it was stopped");
            Thread.Sleep(10);
        }
    }
}
