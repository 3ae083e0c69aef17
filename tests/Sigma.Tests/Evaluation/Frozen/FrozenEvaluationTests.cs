using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Evaluation.Frozen;
using Sigma.Media;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Frozen;

[Trait("Category", "evaluation")]
public sealed class FrozenEvaluationTests : IDisposable
{
    private static readonly LinearSweep Sweep = new(30, 4, [0.5], [0.05]);

    private readonly FrozenRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void Every_probe_tells_dark_from_bright()
    {
        Assert.Equal(1, run.Evaluate(e => e.Linear(Sweep, default), out _).Figures["top1"]);
        Assert.Equal(1, run.Evaluate(e => e.Knn(3, default), out _).Figures["top1"]);
        Assert.Equal(1, run.Evaluate(e => e.Attentive(new(20, 4, 1e-2, 0.01, 0), default), out _).Figures["top1"]);
    }

    [Fact]
    public void Features_of_the_mean_are_the_mean_of_the_tokens()
    {
        using var scope = new TensorScope();
        using var encoder = FrozenEncoder.Load(run.Run);
        var manifest = Manifest.Load(run.Train, labels: true);
        var views = new TestViews(encoder.Clip, 2, 3);
        using var kept = new FeatureStore(run.Cache).Get(encoder, manifest, views, FeatureKind.Mean, Device.Cpu);
        var all = kept.Rows([.. Enumerable.Range(0, 60)]);
        Assert.Equal([10L * 6, 32], all.Shape);
        var expected = new List<float>();
        foreach (var (_, clips) in new ViewClips(manifest, views).Read())
            expected.AddRange(FeatureExtractor.MeanOfTokens(encoder.Encoder, clips).ToArray<float>());
        Assert.All(expected.Zip(all.ToArray<float>()), p => Assert.Equal(p.First, p.Second, 1e-5));
        using var tokens = new FeatureStore(run.Cache).Get(encoder, manifest, views, FeatureKind.Tokens, Device.Cpu);
        var means = F.Mean(tokens.Rows([7, 59]), [1]).ToArray<float>();
        Assert.All(means.Zip([.. kept.Rows([7, 59]).ToArray<float>()]), p => Assert.Equal(p.First, p.Second, 2e-3)); // float16
    }

    [Fact]
    public void A_second_call_computes_no_features_and_gives_the_same_result()
    {
        var first = run.Evaluate(e => e.Linear(Sweep, default), out var told);
        Assert.Contains("features: 10 of 10 videos", told, StringComparison.Ordinal);
        var again = run.Evaluate(e => e.Linear(Sweep, default), out told);
        Assert.DoesNotContain("features: ", told, StringComparison.Ordinal);
        Assert.Equal(first.Figures, again.Figures);
        Assert.Equal(first.SettingsHash, again.SettingsHash);
        run.Evaluate(e => e.Knn(3, default), out told);
        Assert.DoesNotContain("features: ", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("changed")]
    [InlineData("another's")]
    [InlineData("no features")]
    public void Kept_features_that_are_not_whole_are_computed_anew(string fault)
    {
        run.Evaluate(e => e.Knn(3, default), out _);
        var (first, second) = (run.CacheFiles[0], run.CacheFiles[1]);
        var whole = File.ReadAllBytes(first);
        byte[] broken = fault switch
        {
            "torn" => whole[..^7],
            "changed" => [.. whole[..^40], (byte)(whole[^40] ^ 1), .. whole[^39..]],
            "another's" => File.ReadAllBytes(second),
            _ => "not tensors"u8.ToArray(),
        };
        File.WriteAllBytes(first, broken);
        run.Evaluate(e => e.Knn(3, default), out var told);
        Assert.Contains("features: ", told, StringComparison.Ordinal);
        Assert.Equal(whole, File.ReadAllBytes(first));
    }

    [Fact]
    public void Another_video_under_the_same_name_is_not_mistaken_for_the_old_one()
    {
        run.Evaluate(e => e.Knn(3, default), out _);
        run.Render("val/dark/7.mp4", 210);
        var result = run.Evaluate(e => e.Knn(3, default), out _);
        Assert.Equal(5 / 6.0, result.Figures["top1"], 1e-9);
    }

    [Fact]
    public void A_sweep_chooses_on_training_videos_and_tells_what_it_tried()
    {
        var result = run.Evaluate(e => e.Linear(Sweep with { Rates = [1e-9, 0.5], Decays = [0, 0.05] }, default), out var told);
        Assert.Equal(4, result.Settings["sweep"]!.AsArray().Count);
        Assert.Equal(0.5 * 4 / 256, result.Settings["rate"]!.GetValue<double>(), 1e-12);
        Assert.Contains("of 2 training videos set aside", told, StringComparison.Ordinal);
        Assert.Equal(1, result.Figures["top1"]);
    }

    [Fact]
    public void Videos_that_cannot_be_read_are_left_out_and_named()
    {
        File.WriteAllText(run.In("val/dark/7.mp4"), "no video");
        var result = run.Evaluate(e => e.Knn(3, default), out var told);
        Assert.Equal(5, result.Videos.Count);
        Assert.Contains("7.mp4", told, StringComparison.Ordinal);
        Assert.DoesNotContain("dark/7.mp4", result.Videos);
    }

    [Fact]
    public void Features_that_say_nothing_score_exactly_chance()
    {
        foreach (var file in Directory.EnumerateFiles(run.In("."), "*.mp4", SearchOption.AllDirectories).Where(f => !f.EndsWith("dark/0.mp4", StringComparison.Ordinal)).ToList())
            File.Copy(run.In("train/dark/0.mp4"), file, overwrite: true);
        Assert.Equal(0.5, run.Evaluate(e => e.Linear(Sweep, default), out _).Figures["top1"], 1e-9);
    }

    [Fact]
    public void Pictures_are_clips_that_stand_still()
    {
        Directory.Delete(run.Train, true);
        Directory.Delete(run.Validation, true);
        foreach (var (name, shade) in new[] { ("dark", 20), ("bright", 200) })
        {
            for (var i = 0; i < 4; i++)
            {
                var pixels = new byte[40 * 36 * 3];
                pixels.AsSpan().Fill((byte)(shade + i));
                var path = run.In($"{(i < 3 ? "train" : "val")}/{name}/{i}.png");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                PngImage.Write(path, 40, 36, pixels);
            }
        }
        Assert.Equal(1, run.Evaluate(e => e.Knn(1, default), out _, segments: 2).Figures["top1"]);
    }

    [Fact]
    public void An_attentive_probe_finds_the_one_token_that_tells()
    {
        using var scope = new TensorScope();
        using var head = new AttentiveHead(16, 2, 2, seed: 0);
        using var optimizer = new AdamW([new([.. head.Parameters()], 0)]);
        var random = new CounterRandom(1, 0, 0, Purpose.Evaluation);
        var values = new float[64 * 10 * 16];
        foreach (ref var value in values.AsSpan())
            value = (float)random.NextGaussian() * 0.5f;
        var labels = new long[64];
        for (var clip = 0; clip < 64; clip++)
        {
            labels[clip] = random.NextInt(2);
            var token = random.NextInt(10);
            values[(clip * 10 + token) * 16] = 6;
            values[(clip * 10 + token) * 16 + 1] = labels[clip] == 1 ? 6 : -6;
        }
        var features = Tensor.From(values, 64, 10, 16);
        for (var step = 0; step < 60; step++)
        {
            using var inner = new TensorScope();
            F.CrossEntropy(head.Forward(features), Tensor.From(labels)).Backward();
            optimizer.Step(1e-2);
            optimizer.ZeroGradients();
        }
        Assert.Equal(1, Accuracy.Top1(head.Forward(features), Tensor.From(labels)));
    }
}
