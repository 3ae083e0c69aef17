using Sigma.Tests.Cli;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Ranks;

/// <summary>Two ranks as two processes, which the launcher starts.</summary>
[Trait("Category", "ranks")]
public sealed class TwoRankTests
{
    [Fact]
    public void Two_ranks_train_as_one_with_the_same_global_batch()
    {
        using var files = new TinyRun();
        Assert.Equal(0, Program.Run(Pretrain(files, "one", "--max-steps", "12")).Code);
        var two = Program.Run(["launch", "--ranks", "2", "--", .. Pretrain(files, "two", "--max-steps", "12")]);
        Assert.True(two.Code == 0, two.Errors);
        Assert.Contains("[0] done: 12 steps", two.Output, StringComparison.Ordinal);
        AssertSameLosses(files.In("one/metrics.jsonl"), files.In("two/metrics.jsonl"), 12);
        AssertSameWeights(files.In("one/checkpoints/step-000012"), files.In("two/checkpoints/step-000012"));
    }

    [SkippableFact]
    [Trait("Category", "long")]
    public void Thirty_steps_of_the_demonstrations_recipe_are_the_same_on_two_ranks_as_on_one()
    {
        var videos = Media.MediaFiles.Clip("demo");
        Skip.IfNot(Directory.Exists(videos), $"no videos in {videos}");
        using var files = new TinyRun(videos: 0);
        string[] Line(string name) => ["pretrain", "demo", "--data", videos, "--out", files.In(name), "--device", "cpu", "--max-steps", "30"];
        Assert.Equal(0, Program.Run(Line("one")).Code);
        var two = Program.Run(["launch", "--ranks", "2", "--", .. Line("two")]);
        Assert.True(two.Code == 0, two.Errors);
        AssertSameLosses(files.In("one/metrics.jsonl"), files.In("two/metrics.jsonl"), 30);
        AssertSameWeights(files.In("one/checkpoints/step-000030"), files.In("two/checkpoints/step-000030"));
    }

    [Fact]
    public void Micro_batches_and_shared_moments_change_nothing_either()
    {
        using var files = new TinyRun();
        string[] recipe = ["--set", "optimizer.accumulate=2", "--set", "optimizer.batch=8", "--set", "optimizer.averageWeights=0.9"];
        Assert.Equal(0, Program.Run(Pretrain(files, "one", [.. recipe, "--max-steps", "6"])).Code);
        var two = Program.Run(["launch", "--ranks", "2", "--", .. Pretrain(files, "two", [.. recipe, "--max-steps", "6", "--set", "optimizer.shardState=true"])]);
        Assert.True(two.Code == 0, two.Errors);
        AssertSameLosses(files.In("one/metrics.jsonl"), files.In("two/metrics.jsonl"), 6);
        AssertSameWeights(files.In("one/checkpoints/step-000006"), files.In("two/checkpoints/step-000006"));
        // What two ranks saved, one continues.
        Assert.Equal(0, Program.Run(Pretrain(files, "two", [.. recipe, "--max-steps", "7", "--resume"])).Code);
    }

    [Theory]
    [InlineData("--set", "optimizer.lr=1e-3", "rank 1 has another recipe than rank 0")]
    [InlineData("--data", "OTHER", "rank 1 has another list of videos than rank 0")]
    [InlineData("--max-steps", "9", "rank 1 has another --max-steps than rank 0")]
    public void A_rank_that_was_given_something_else_is_refused_on_every_rank(string option, string value, string told)
    {
        using var files = new TinyRun(videos: 4);
        Directory.CreateDirectory(files.In("OTHER"));
        TinyRun.Render(files.In("OTHER/a.mp4"), 1);
        var line = Pretrain(files, "run", "--max-steps", "3", "--set", "seed=3");
        string[] other = [.. line];
        other[Array.IndexOf(other, option) + 1] = value == "OTHER" ? files.In(value) : value;
        using var ranks = new StartedRanks(line, other);
        foreach (var outcome in ranks.Finish())
        {
            Assert.Equal(2, outcome.Code);
            Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        }
    }

    internal static string[] Pretrain(TinyRun files, string name, params string[] more) =>
        ["pretrain", files.Recipe, "--data", files.Data, "--out", files.In(name), "--device", "cpu", .. more];

    internal static void AssertSameLosses(string one, string other, int steps)
    {
        var (a, b) = (MetricsFile.Read(one).ToList(), MetricsFile.Read(other).ToList());
        Assert.Equal(steps, a.Count);
        Assert.Equal(steps, b.Count);
        for (var i = 0; i < steps; i++)
        {
            Assert.InRange(b[i].Loss / a[i].Loss, 1 - 1e-4, 1 + 1e-4);
            Assert.Equal(a[i].PrototypeEntropy!.Value, b[i].PrototypeEntropy!.Value, 1e-2);
        }
        Assert.Equal(a[0].RankTargets!.Value, b[0].RankTargets!.Value, 1e-3);
        Assert.Equal(a[0].SpreadTargets!.Value, b[0].SpreadTargets!.Value, 1e-5);
    }

    internal static void AssertSameWeights(string one, string other)
    {
        foreach (var name in new[] { "model.safetensors", "average.safetensors" }.Where(n => File.Exists(Path.Combine(one, n))))
        {
            using var scope = new TensorScope();
            using var a = SafetensorsFile.Open(Path.Combine(one, name));
            using var b = SafetensorsFile.Open(Path.Combine(other, name));
            foreach (var (key, value) in a.ReadAll())
                Assert.True(F.Max(F.Abs(value - b.Read(key))).Item() < 1e-3, key);
        }
    }
}
