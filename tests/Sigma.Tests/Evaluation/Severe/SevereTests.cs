using System.Text.Json;
using Sigma.Data;
using Sigma.Data.Sets;
using Sigma.Evaluation;
using Sigma.Evaluation.Severe;
using Sigma.Recipes;
using Sigma.Torch;
using CliProgram = Sigma.Tests.Cli.Program;

namespace Sigma.Tests.Evaluation.Severe;

[Trait("Category", "severe")]
public sealed class SevereTests
{
    [Theory]
    [InlineData(101, 10)]
    [InlineData(99, 11)]
    [InlineData(3, 334)]
    public void The_low_shot_subset_has_exactly_as_many_clips_of_every_class(int classes, int each)
    {
        // Classes in turn, so that the order of the set mixes them; the last has few more than are wanted.
        var entries = Enumerable.Range(0, classes * (each + 5)).Select(i => new DataSetEntry($"v{i}", $"v{i}.mp4") { Label = i % classes }).ToList();
        var (chosen, few) = LowShot.Draw(entries, classes);
        Assert.Empty(few);
        Assert.All(chosen.CountBy(e => e.Label!.Value), pair => Assert.Equal(each, pair.Value));
        Assert.Equal(classes * each, chosen.Distinct().Count());
        Assert.Equal(chosen.OrderBy(e => int.Parse(e.Name[1..], System.Globalization.CultureInfo.InvariantCulture)), chosen);
        Assert.Equal(chosen, LowShot.Draw(entries, classes).Entries);
        Assert.NotEqual(chosen, LowShot.Draw(entries, classes, seed: 1).Entries);
    }

    [Fact]
    public void A_class_with_too_few_clips_gives_all_and_is_told()
    {
        DataSetEntry[] entries = [.. new[] { 0, 1, 0, 1, 1, 1 }.Select((label, i) => new DataSetEntry($"v{i}", $"v{i}.mp4") { Label = label })];
        var (chosen, few) = LowShot.Draw(entries, classes: 2, clips: 5); // three of each
        Assert.Equal([0], few);
        Assert.Equal(2, chosen.Count(e => e.Label == 0));
        Assert.Equal(3, chosen.Count(e => e.Label == 1));
    }

    [Theory]
    [InlineData(57.4, .686, .866, .746, .259, .428, .653, .172, .126)] // VideoMAE
    [InlineData(61.5, .698, .874, .802, .268, .460, .797, .178, .201)] // SIGMA-MLP
    [InlineData(64.3, .709, .897, .841, .280, .551, .799, .169, .233)] // SIGMA-DINO
    public void The_mean_is_that_of_the_published_rows(double mean, params double[] figures)
    {
        var outcomes = SevereExperiment.All.Zip(figures).Select(pair => new SevereOutcome(pair.First, ResultOf(pair.First, pair.Second))).ToList();
        Assert.Equal(mean, SevereOutcome.Mean(outcomes)!.Value, 0.051);
        Assert.Null(SevereOutcome.Mean(outcomes[1..]));
    }

    [Fact]
    public void The_error_of_counts_is_the_mean_share_they_are_off()
    {
        Assert.Equal(0.25, CountingTask.Error(3, 4));
        Assert.Equal(0.6, CountingTask.Error(8, 5), 1e-12);
        var task = new CountingTask([2, 6], [4, 5, 10]);
        var metrics = task.Measure([[3], [10]], [0, 2]); // the second test video could not be read
        Assert.Equal((0.25 + 0) / 2, metrics[0].Value, 1e-12);
        Assert.Equal(1, metrics[1].Value);
    }

    [Fact]
    public void The_right_counts_make_no_error_and_a_constant_the_one_worked_out_by_hand()
    {
        int[] counts = [2, 3, 5, 10];
        var task = new CountingTask([1], counts);
        var right = task.Measure([.. counts.Select(count => new[] { (float)count })], [0, 1, 2, 3]);
        Assert.Equal([("countError", 0.0), ("offByOne", 1.0)], right.Select(metric => (metric.Name, metric.Value)));
        var constant = task.Measure([[4.4f], [4.4f], [4.4f], [4.4f]], [0, 1, 2, 3]);
        // 2.4 / 2, 1.4 / 3, 0.6 / 5, 5.6 / 10; rounded to 4, it is off by one for 3 and 5.
        Assert.Equal((1.2 + 1.4 / 3 + 0.12 + 0.56) / 4, constant[0].Value, 1e-6);
        Assert.Equal(0.5, constant[1].Value);
    }

    [Fact]
    public void Constant_outputs_count_the_mean_of_training()
    {
        using var scope = new TensorScope();
        var task = new CountingTask([2, 6], [4, 8]);
        Assert.Equal([4f, 4f], task.Scores(F.Zeros([2, 3, 1])).ToArray<float>());
        // |4 − 2| / 2 and |4 − 6| / 6.
        Assert.Equal((1 + 1.0 / 3) / 2, task.Loss(F.Zeros([2, 1]), [0, 1]).Item(), 1e-6);
        Assert.Equal(0.25, task.Measure([[4], [4]], [0, 1])[0].Value, 1e-12);
        Assert.Equal([0f], task.Scores(F.Full([1, 1, 1], -3)).ToArray<float>());
    }

    [Fact]
    public void Several_labels_are_learned_one_by_one_and_the_surest_view_counts()
    {
        using var scope = new TensorScope();
        var task = new MultiLabelTask(2, [[0], [0, 1], []], [[0], [0, 1]]);
        Assert.Equal(Math.Log(2), task.Loss(F.Zeros([3, 2]), [0, 1, 2]).Item(), 1e-6);
        // −ln σ(2) where the class is there, −ln(1 − σ(2)) where it is not: classes 0 and 1 of the first video.
        var (yes, no) = (Math.Log(1 + Math.Exp(-2)), 2 + Math.Log(1 + Math.Exp(-2)));
        Assert.Equal((yes + no) / 2, task.Loss(F.Full([1, 2], 2), [0]).Item(), 1e-5);
        var scores = task.Scores(Tensor.From([0f, -1f, 1f, -3f], 1, 2, 2)).ToArray<float>(); // two views
        Assert.Equal([1 / (1 + MathF.Exp(-1)), 1 / (1 + MathF.Exp(1))], scores, (a, b) => Math.Abs(a - b) < 1e-6f);
        // Constants give each class its share of positives: 1 and 1/2.
        Assert.Equal(0.75, Assert.Single(task.Measure([[0.5f, 0.5f], [0.5f, 0.5f]], [0, 1])).Value, 1e-12);
    }

    [Fact]
    public void Of_a_video_with_a_stretch_only_the_stretch_is_read()
    {
        using var sets = new SevereSets();
        var path = sets["repeated.mp4"];
        SevereSets.RenderRepetitions(path, first: 5, count: 3, period: 8); // 30 frames
        using var video = ClipReader.Open(new ManifestEntry(path, null, new FrameRange(5, 20)));
        using var whole = ClipReader.Open(path);
        Assert.Equal((16, 30), (video.Frames, whole.Frames));
        var (part, all) = (new byte[2 * 16 * 16 * 3], new byte[2 * 16 * 16 * 3]);
        video.Read(frames => [0, frames - 1], null, 16, part);
        whole.Read(_ => [5, 20], null, 16, all);
        Assert.Equal(all, part);
        using var beyond = ClipReader.Open(new ManifestEntry(path, null, new FrameRange(40, 50)));
        Assert.Contains("ends before frame 40", Assert.ThrowsAny<Sigma.Media.MediaException>(() => beyond.Read(_ => [0], null, 16, part)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_eight_experiments_end_in_one_table_with_their_mean()
    {
        using var sets = new SevereSets();
        sets.WriteAll();
        string[] command = ["evaluate", "severe", sets.Checkpoint, "--root", sets.Root, "--recipe", sets.Recipe, "--out", sets["out"], "--json", sets["severe.json"]];
        var ended = CliProgram.Run(command);
        Assert.True(ended.Code == 0, ended.Errors);
        foreach (var experiment in SevereExperiment.All)
            Assert.Contains($"{experiment.Factor,-8} {experiment.Title,-19} ", ended.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(sets["severe.json"]));
        var facts = json.RootElement.GetProperty("experiments").EnumerateArray().ToList();
        Assert.Equal(SevereExperiment.All.Select(e => e.Name), facts.Select(f => f.GetProperty("name").GetString()));
        Assert.Equal([3, 6, 4, 6, 3, 3, 2, 2], facts.Select(f => f.GetProperty("videos").GetInt32()));
        var counting = facts[6].GetProperty("value").GetDouble();
        Assert.Equal(100 - 100 * counting, facts[6].GetProperty("points").GetDouble(), 1e-9);
        Assert.Equal(facts.Average(f => f.GetProperty("points").GetDouble()), json.RootElement.GetProperty("mean").GetDouble(), 1e-9);
        Assert.Contains("fewer training videos than wanted", ended.Errors, StringComparison.Ordinal);

        // Results of another recipe are not taken for this one's.
        var mixed = CliProgram.Run([.. command, "--resume", "--only", "ucf-rc", "--seed", "9"]);
        Assert.Equal(2, mixed.Code);
        Assert.Contains("holds a result of another recipe", mixed.Errors, StringComparison.Ordinal);

        // What is done is not done again, and gives the same table; without leave it is not touched.
        // Nothing is trained before that is seen.
        Directory.Delete(Path.Combine(sets["out"], "ssv2"), recursive: true);
        var inTheWay = CliProgram.Run(command);
        Assert.Equal(2, inTheWay.Code);
        Assert.DoesNotContain("==", inTheWay.Errors, StringComparison.Ordinal);
        var again = CliProgram.Run([.. command, "--resume", "--only", "ucf-rc,charades"]);
        Assert.Equal(0, again.Code);
        Assert.DoesNotContain("==", again.Errors, StringComparison.Ordinal);
        Assert.Contains("no mean: 6 of the eight are missing", again.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ucf-rc", "saved checkpoints/step-000002")]
    [InlineData("charades", "saved checkpoints/step-000002")]
    [InlineData("charades", "saved checkpoints/step-000007")] // all trained, nothing tested
    public void A_task_that_was_interrupted_ends_with_the_bytes_of_one_that_was_not(string name, string moment)
    {
        using var sets = new SevereSets();
        sets.WriteTasks();
        var whole = Assert.Single(Suite(sets, name, "whole").Run());
        using var stop = new CancellationTokenSource();
        var stopped = Assert.ThrowsAny<OperationCanceledException>(() => Suite(sets, name, "parts", progress: new StopsAt(moment, stop)).Run(stop.Token));
        Assert.Contains("go on with --resume", stopped.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(sets[$"parts/{name}/result.json"]));
        var refused = Assert.Throws<BadInputException>(() => Suite(sets, name, "parts").Run());
        Assert.Contains("continue it with --resume", refused.Message, StringComparison.Ordinal);

        using var log = new StringWriter();
        var continued = Assert.Single(Suite(sets, name, "parts", resume: true, log).Run());
        Assert.Contains("continuing from step-", log.ToString(), StringComparison.Ordinal);
        Assert.Equal(whole.Result.Figures, continued.Result.Figures);
        foreach (var file in new[] { "best/model.safetensors", "checkpoints/step-000007/model.safetensors", "checkpoints/step-000007/optimizer.safetensors", "checkpoints/step-000007/average.safetensors" })
            Assert.Equal(File.ReadAllBytes(sets[$"whole/{name}/{file}"]), File.ReadAllBytes(sets[$"parts/{name}/{file}"]));
        // What is tested is the average of the weights, where there is one.
        Assert.Equal(File.ReadAllBytes(sets[$"whole/{name}/checkpoints/step-000007/average.safetensors"]), File.ReadAllBytes(sets[$"whole/{name}/best/model.safetensors"]));
    }

    [Fact]
    public void A_task_does_not_go_on_with_other_counts_or_another_recipe()
    {
        using var sets = new SevereSets();
        sets.WriteTasks();
        Suite(sets, "ucf-rc", "out").Run();
        File.Delete(sets["out/ucf-rc/result.json"]);
        var other = Assert.Throws<BadInputException>(() => Suite(sets, "ucf-rc", "out", resume: true, overrides: "optimizer.lr=1").Run());
        Assert.Contains("another recipe", other.Message, StringComparison.Ordinal);
        var labels = sets["sets/ucfrep/annotations/repetition_label/JumpRope.txt"];
        File.WriteAllText(labels, File.ReadAllText(labels).Replace("6 14 22\n", "6 10 14 22\n", StringComparison.Ordinal));
        other = Assert.Throws<BadInputException>(() => Suite(sets, "ucf-rc", "out", resume: true).Run());
        Assert.Contains("another list of videos", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_set_that_is_missing_is_told_before_anything_is_trained()
    {
        using var sets = new SevereSets();
        sets.WriteTasks();
        var options = new SevereOptions { Checkpoint = sets.Checkpoint, Root = sets.Root, Recipe = FineTuneRecipe.Load(sets.Recipe), Out = sets["out"] };
        var failure = Assert.Throws<BadInputException>(() => new SevereSuite(options).Run());
        foreach (var name in new[] { "ssv2", "gym99", "ucf101-1k", "gym99-1k", "fx-s1", "ub-s1" })
            Assert.Contains($"{name}: {sets.Root}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--only ucf-rc,charades", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<BadInputException>(() => new SevereSuite(options with { Root = sets["nowhere"] }).Run());
        Assert.Contains("nowhere: there is no such folder; --root", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(sets["out"]));
    }

    [Fact]
    public void An_unknown_experiment_is_refused_with_those_there_are()
    {
        var failure = Assert.Throws<BadInputException>(() => SevereExperiment.Named("ssv2,gym100"));
        Assert.Contains("'gym100': SEVERE has ssv2, gym99, ucf101-1k, gym99-1k, fx-s1, ub-s1, ucf-rc, charades", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["gym99", "charades"], SevereExperiment.Named("charades, gym99").Select(e => e.Name));
    }

    private static SevereSuite Suite(SevereSets sets, string name, string output, bool resume = false, TextWriter? progress = null, params string[] overrides) => new(new()
    {
        Checkpoint = sets.Checkpoint,
        Root = sets.Root,
        Recipe = FineTuneRecipe.Load(sets.Recipe, ["optimizer.steps=7", "checkpoint.every=2", "optimizer.averageWeights=0.5", "layers.dropPath=0.3", .. overrides]),
        Out = sets[output],
        Experiments = SevereExperiment.Named(name),
        Resume = resume,
        Progress = progress ?? TextWriter.Null,
    });

    /// <summary>Progress that nobody sees, but at a certain line somebody stops the run.</summary>
    private sealed class StopsAt(string line, CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value?.Contains(line, StringComparison.Ordinal) ?? false)
                stop.Cancel();
        }
    }

    private static EvaluationResult ResultOf(SevereExperiment experiment, double value) => new()
    {
        Command = "severe",
        Dataset = experiment.Set,
        Split = experiment.Test,
        Views = EvaluationViews.One,
        Checkpoint = "c",
        CheckpointHash = "h",
        Seed = 0,
        Settings = [],
        Videos = ["v"],
        Outcomes = [new MeanMetric(experiment.Figure, [value])],
        Figures = new Dictionary<string, double> { [experiment.Figure] = value },
    };
}
