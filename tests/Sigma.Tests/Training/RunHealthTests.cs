using Sigma.Media;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "health")]
public sealed class RunHealthTests
{
    private static readonly string[] Long = ["optimizer.steps=300", "checkpoint.every=1000", "checkpoint.keep=1"];

    [Fact]
    public void The_effective_rank_counts_directions_used_alike()
    {
        using var scope = new TensorScope();
        var three = F.Cat([Unit(0), Unit(1), Unit(2), Unit(0), Unit(1), Unit(2)], 0);
        Assert.Equal(3, EffectiveRank.Of(three)!.Value, 1e-9);
        Assert.Equal(1, EffectiveRank.Of(F.Ones([2000, 8]))!.Value, 1e-3);
        Assert.Equal(0, EffectiveRank.Of(F.Zeros([10, 4])));
        Assert.Null(EffectiveRank.Of(F.Full([10, 4], double.NaN)));
    }

    [Fact]
    public void The_effective_rank_is_that_of_singular_values_in_a_known_ratio()
    {
        using var scope = new TensorScope();
        var features = F.Cat([Unit(0) * 3.0, Unit(1) * 1.0], 0); // 3 and 1: entropy of (3/4, 1/4)
        Assert.Equal(Math.Exp(-0.75 * Math.Log(0.75) - 0.25 * Math.Log(0.25)), EffectiveRank.Of(features)!.Value, 1e-9);
    }

    [Fact]
    public void A_prototype_is_dead_once_nobody_chose_it_for_a_whole_window()
    {
        using var scope = new TensorScope();
        var use = new PrototypeUse(4, window: 3);
        Assert.Equal(1, use.Add(Tensor.From<long>([0, 1, 2, 3])), 1e-12);
        Assert.Equal(0, use.Add(Tensor.From<long>([0, 0])), 1e-12);
        Assert.Null(use.Dead);
        use.Add(Tensor.From<long>([0, 1]));
        Assert.Equal(0, use.Dead);
        Assert.Equal(0.5, use.Add(Tensor.From<long>([0, 1])), 1e-12);
        Assert.Equal(0.5, use.Dead);
    }

    [Fact]
    public void Regressing_features_collapses_and_says_so_once_within_300_steps()
    {
        using var files = new TinyRun();
        var log = Run(files, "run", [.. Long, "objective.target=features"]);
        Assert.Equal(2, log.Split("collapse at step").Length);
        Assert.Contains("objective.target=mlp", log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_told_to_stop_at_collapse_saves_and_stops()
    {
        using var files = new TinyRun();
        var failure = Assert.Throws<RunStoppedException>(() => Run(files, "run", [.. Long, "objective.target=features", "health.onCollapse=stop"]));
        Assert.Contains("collapse at step", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(Assert.Single(Directory.GetDirectories(files.In("run/checkpoints")))), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sigma_does_not_collapse_and_its_figures_are_kept()
    {
        using var files = new TinyRun();
        Assert.DoesNotContain("collapse", Run(files, "run", Long), StringComparison.Ordinal);
        StepMetrics[] metrics = [.. MetricsFile.Read(files.In("run/metrics.jsonl"))];
        Assert.Equal(16, metrics.Count(m => m.RankTargets is > 1 && m.RankPredictions is > 1));
        Assert.All(metrics, m => Assert.InRange(m.MarginalError!.Value, 0, 12));
        foreach (var parts in metrics.Where(m => m.Parts is not null))
            Assert.InRange(parts.Parts!.Values.Sum(), 1e-6, parts.Seconds);
        Assert.Equal(16, metrics.Count(m => m.Parts is not null));
        Assert.Equal(251, metrics.Count(m => m.DeadPrototypes is >= 0 and <= 1));
    }

    [Fact]
    public void The_pixels_of_moving_clips_raise_no_alarm()
    {
        using var files = new TinyRun();
        Assert.DoesNotContain("collapse", Run(files, "run", [.. Long, "objective.target=pixel", "optimizer.lr=1e-3"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mlp")]
    [InlineData("pixel")]
    public void Clips_of_one_colour_raise_the_alarm(string target)
    {
        using var files = new TinyRun(videos: 0);
        for (var i = 0; i < 4; i++)
            Grey(Path.Combine(files.Data, $"grey {i}.mp4"));
        Assert.Contains("collapse at step", Run(files, "run", ["optimizer.steps=100", "checkpoint.every=1000", $"objective.target={target}"]), StringComparison.Ordinal);
    }

    private static Tensor Unit(int place) => Tensor.From<float>([.. Enumerable.Range(0, 4).Select(i => i == place ? 1f : 0f)], 1, 4);

    private static void Grey(string path)
    {
        using var writer = new VideoWriter(path, 48, 48, 25);
        var pixels = new byte[48 * 48 * 3];
        Array.Fill(pixels, (byte)128);
        for (var t = 0; t < 20; t++)
            writer.Write(pixels);
        writer.Finish();
    }

    private static string Run(TinyRun files, string name, string[] overrides)
    {
        using var log = new StringWriter();
        using var pretrainer = new Pretrainer(new PretrainOptions
        {
            Recipe = Recipe.Load(files.Recipe, overrides),
            Data = files.Data,
            Out = files.In(name),
            Progress = log,
        });
        pretrainer.Train(CancellationToken.None);
        return log.ToString();
    }
}
