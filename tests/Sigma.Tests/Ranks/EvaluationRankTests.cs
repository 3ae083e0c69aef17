using System.Text.Json.Nodes;
using Sigma.Tests.Cli;
using Sigma.Tests.Evaluation.Frozen;
using Sigma.Tests.Evaluation.Segmentation;
using Sigma.Tests.Evaluation.Severe;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Ranks;

/// <summary>Evaluation by ranks as processes: what they find together is what one finds alone.</summary>
[Trait("Category", "ranks")]
public sealed class EvaluationRankTests
{
    [Theory]
    [InlineData("linear", "--rates", "0.1,0.5", "--epochs", "3", "--batch", "4")]
    [InlineData("attentive", "--epochs", "2", "--batch", "4")]
    [InlineData("knn", "--k", "3")]
    public void Frozen_features_that_two_ranks_extract_are_worth_what_those_of_one_are(string name, params string[] own)
    {
        using var run = new FrozenRun(); // 10 videos to train, 6 to validate
        run.Render("val/dark/more.mp4", 40);
        File.WriteAllText(run.In("train/dark/3.mp4"), "text");
        string[] Line(string cache) =>
        [
            "evaluate", name, run.Run, "--data", run.Train, "--val", run.Validation, "--segments", "2", "--cache", run.In(cache), "--json", run.In(cache + ".json"),
            "--device", "cpu", .. own,
        ];
        var one = Program.Run(Line("one"));
        Assert.True(one.Code == 0, one.Errors);
        var two = FineTuneRankTests.Launch(2, Line("two"));
        Assert.True(two.Code == 0, two.Errors);
        FineTuneRankTests.AssertSameResult(run.In("one.json"), run.In("two.json"));
        AssertSameFeatures(run.In("one"), run.In("two"));
        Assert.Single(two.Errors.Split("left out, cannot be read").Skip(1));
        Assert.DoesNotContain("[1]", two.Output, StringComparison.Ordinal);
        // What ranks kept serves one.
        var again = Program.Run(Line("two"));
        Assert.True(again.Code == 0, again.Errors);
        Assert.Contains("kept in", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_that_two_ranks_score_give_the_figures_of_one()
    {
        using var files = new TinyFineTune(videosOfAClass: 3); // 9 videos to test
        using (var tuner = new FineTuner(new FineTuneOptions { Recipe = files.Recipe(), Data = files.Data, Validation = files.Validation, Init = files.Init, Out = files.In("run") }))
            tuner.Train(CancellationToken.None);
        File.WriteAllText(Path.Combine(files.Validation, "coin", "text.mp4"), "text");
        string[] Line(string to) =>
            ["evaluate", "views", files.In("run"), "--data", files.Validation, "--json", files.In(to + ".json"), "--csv", files.In(to + ".csv"), "--device", "cpu"];
        var one = Program.Run(Line("one"));
        Assert.True(one.Code == 0, one.Errors);
        var several = FineTuneRankTests.Launch(4, Line("four"));
        Assert.True(several.Code == 0, several.Errors);
        FineTuneRankTests.AssertSameResult(files.In("one.json"), files.In("four.json"));
        Assert.Equal(File.ReadAllLines(files.In("one.csv")).Select(Taken), File.ReadAllLines(files.In("four.csv")).Select(Taken));
        Assert.Contains("text.mp4", several.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("[1]", several.Output, StringComparison.Ordinal);

        // The fields but for the probabilities, which may differ in their last digit.
        static string Taken(string line) => string.Join(',', line.Split(',')[..4]);
    }

    [Fact]
    public void Clips_that_two_ranks_cut_into_objects_give_the_score_of_one()
    {
        using var network = new FrozenRun();
        using var sets = new MiniatureSets();
        sets.Davis(("a", 3), ("b", 4), ("c", 3));
        string[] Line(string to) =>
        [
            "evaluate", "segment", network.Run, "--data", sets.Root, "--protocol", "overclustering", "--clusters", "3", "--device", "cpu",
            "--out", network.In(to), "--json", network.In(to + ".json"),
        ];
        var one = Program.Run(Line("one"));
        Assert.True(one.Code == 0, one.Errors);
        var two = FineTuneRankTests.Launch(2, Line("two"));
        Assert.True(two.Code == 0, two.Errors);
        FineTuneRankTests.AssertSameResult(network.In("one.json"), network.In("two.json"));
        Assert.Equal(["a.mp4", "a.png", "b.mp4", "b.png", "c.mp4", "c.png"], Directory.GetFiles(network.In("two")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Experiments_of_severe_that_two_ranks_run_end_with_the_figures_of_one()
    {
        using var sets = new SevereSets();
        sets.WriteAll();
        string[] Line(string to) =>
        [
            "evaluate", "severe", sets.Checkpoint, "--root", sets.Root, "--recipe", sets.Recipe, "--set", "optimizer.batch=4", "--only", "ucf101-1k,ucf-rc,charades",
            "--set", "optimizer.averageWeights=0.5", "--device", "cpu", "--out", sets[to], "--json", sets[to + ".json"],
        ];
        var one = Program.Run(Line("one"));
        Assert.True(one.Code == 0, one.Errors);
        var two = FineTuneRankTests.Launch(2, Line("two"));
        Assert.True(two.Code == 0, two.Errors);
        var (alone, shared) = (Experiments("one.json"), Experiments("two.json"));
        Assert.Equal(3, alone.Count);
        foreach (var (a, b) in alone.Zip(shared))
        {
            Assert.Equal((a["name"]!.GetValue<string>(), a["videos"]!.GetValue<int>()), (b["name"]!.GetValue<string>(), b["videos"]!.GetValue<int>()));
            Assert.Equal(a["value"]!.GetValue<double>(), b["value"]!.GetValue<double>(), 1e-4);
        }
        foreach (var name in new[] { "ucf101-1k", "ucf-rc", "charades" })
            TwoRankTests.AssertSameWeights(sets[$"one/{name}/best"], sets[$"two/{name}/best"]);
        // Taken over by one rank, and by two.
        Assert.Equal(0, Program.Run([.. Line("two"), "--resume"]).Code);
        Assert.Equal(0, FineTuneRankTests.Launch(2, [.. Line("one"), "--resume"]).Code);

        List<JsonNode> Experiments(string file) => [.. JsonNode.Parse(File.ReadAllText(sets[file]))!["experiments"]!.AsArray().Select(e => e!)];
    }

    [Fact]
    public void An_evaluation_is_started_again_as_it_was()
    {
        using var run = new FrozenRun();
        File.WriteAllText(run.In("file"), "where a folder is wanted");
        var outcome = Program.Run(
            "launch", "--ranks", "2", "--restarts", "1", "--", "evaluate", "knn", run.Run, "--data", run.Train, "--val", run.Validation, "--cache", run.In("file"), "--device", "cpu");
        Assert.Equal(1, outcome.Code);
        Assert.Contains("starting again from the last checkpoint", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal(2, outcome.Errors.Split("[0] sigma: the features cannot be kept in").Length - 1);
    }

    [Fact]
    public void Ranks_that_were_given_different_checkpoints_or_videos_are_refused()
    {
        using var run = new FrozenRun();
        string[] line = ["evaluate", "knn", run.Run, "--data", run.Train, "--val", run.Validation, "--cache", run.Cache, "--device", "cpu"];
        using (var another = new FrozenRun())
            Refused("another checkpoint", line, another.Run, 2);
        Refused("check --val", line, run.Train, 6);

        static void Refused(string told, string[] line, string value, int place)
        {
            string[] other = [.. line];
            other[place] = value;
            if (place == 2)
                Change(Path.Combine(value, "checkpoints/step-000001"));
            using var ranks = new StartedRanks(line, other);
            foreach (var outcome in ranks.Finish())
            {
                Assert.Equal(2, outcome.Code);
                Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
            }
        }

        static void Change(string checkpoint)
        {
            using var scope = new TensorScope();
            var file = Path.Combine(checkpoint, CheckpointStore.ModelFile);
            Dictionary<string, Tensor> tensors;
            using (var stored = SafetensorsFile.Open(file))
                tensors = stored.ReadAll().ToDictionary(t => t.Key, t => t.Value + 1);
            SafetensorsFile.Write(file, tensors.Select(t => (t.Key, t.Value)));
        }
    }

    private static void AssertSameFeatures(string one, string other)
    {
        var (a, b) = (Files(one), Files(other));
        Assert.Equal(a.Select(f => Path.GetRelativePath(one, f)), b.Select(f => Path.GetRelativePath(other, f)));
        foreach (var (x, y) in a.Zip(b))
        {
            using var scope = new TensorScope();
            using var first = SafetensorsFile.Open(x);
            using var second = SafetensorsFile.Open(y);
            Assert.Equal(first.Read("samples").ToArray<long>(), second.Read("samples").ToArray<long>());
            Assert.True(F.Max(F.Abs(F.To(first.Read("features"), ScalarType.Float32) - F.To(second.Read("features"), ScalarType.Float32))).Item() < 1e-2, x);
        }

        static string[] Files(string cache) => [.. Directory.EnumerateFiles(cache, "*.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }
}
