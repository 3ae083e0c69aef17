using System.Text.Json;
using Sigma.Data;
using Sigma.Data.Sets;
using Sigma.Evaluation;
using Sigma.Evaluation.Severe;
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
        var metric = task.Measure([[3], [10]], [0, 2]); // the second test video could not be read
        Assert.Equal((0.25 + 0) / 2, metric.Value, 1e-12);
    }

    [Fact]
    public void Constant_outputs_count_the_mean_of_training()
    {
        using var scope = new TensorScope();
        var task = new CountingTask([2, 6], [4, 8]);
        Assert.Equal([4f, 4f], task.Scores(F.Zeros([2, 3, 1])).ToArray<float>());
        // |4 − 2| / 2 and |4 − 6| / 6.
        Assert.Equal((1 + 1.0 / 3) / 2, task.Loss(F.Zeros([2, 1]), [0, 1]).Item(), 1e-6);
        Assert.Equal(0.25, task.Measure([[4], [4]], [0, 1]).Value, 1e-12);
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
        Assert.Equal(0.75, task.Measure([[0.5f, 0.5f], [0.5f, 0.5f]], [0, 1]).Value, 1e-12);
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

        // What is done is not done again, and gives the same table; without leave it is not touched.
        Assert.Equal(2, CliProgram.Run(command).Code);
        var again = CliProgram.Run([.. command, "--resume", "--only", "ucf-rc,charades"]);
        Assert.Equal(0, again.Code);
        Assert.DoesNotContain("==", again.Errors, StringComparison.Ordinal);
        Assert.Contains("no mean: 6 of the eight are missing", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_experiment_is_refused_with_those_there_are()
    {
        var failure = Assert.Throws<BadInputException>(() => SevereExperiment.Named("ssv2,gym100"));
        Assert.Contains("'gym100': SEVERE has ssv2, gym99, ucf101-1k, gym99-1k, fx-s1, ub-s1, ucf-rc, charades", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["gym99", "charades"], SevereExperiment.Named("charades, gym99").Select(e => e.Name));
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
