using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Media;
using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation;

[Trait("Category", "evaluation")]
public sealed class MultiViewTestTests
{
    [Fact]
    public void The_figures_are_those_of_the_same_views_computed_by_themselves()
    {
        using var files = new TinyFineTune();
        using var scope = new TensorScope();
        var recipe = files.Recipe();
        using var model = Classifier(files, scale: 400);
        var manifest = Manifest.Load(files.Validation, labels: true);
        var scores = MultiViewTest.Run(model, manifest, new TestViews(recipe.Clip, 3, 2), Device.Cpu, recipe, CancellationToken.None);

        var hits = 0;
        for (var i = 0; i < manifest.Count; i++)
        {
            var expected = Expected(model, manifest[i].Path);
            Assert.All(expected.Zip(F.Select(scores.Probabilities, 0, i).ToArray<double>()), p => Assert.Equal(p.First, p.Second, 1e-5));
            hits += Array.IndexOf(expected, expected.Max()) == manifest[i].Label ? 1 : 0;
        }
        var result = scores.Result(files.Validation, Path.Combine(files.Init, "model.safetensors"), 0);
        Assert.Equal(hits / 12.0, result.Figures["top1"], 1e-12);
        Assert.Equal(hits, scores.Confusion().Select((row, c) => row[c]).Sum());
        Assert.InRange(result.Figures["top1"], result.Intervals["top1"][0], result.Intervals["top1"][1]);
    }

    [Fact]
    public void A_model_that_outputs_constants_scores_exactly_chance()
    {
        using var files = new TinyFineTune();
        using var scope = new TensorScope();
        using var model = Classifier(files, scale: 0);
        var manifest = Manifest.Load(files.Validation, labels: true);
        var scores = MultiViewTest.Run(model, manifest, new TestViews(files.Recipe().Clip, 2, 2), Device.Cpu, files.Recipe(), CancellationToken.None);
        Assert.Equal(1.0 / 3, Accuracy.Top1(scores.Probabilities, scores.Labels), 1e-12);
        Assert.All(Accuracy.Metrics(scores.Probabilities, scores.Labels), m => Assert.Equal(m.Name == "top5" ? 1 : 1.0 / 3, m.Value, 1e-12));
        Assert.Equal(Math.Log(3), scores.Loss, 1e-6);
    }

    /// <summary>A classifier whose head is drawn, larger than it would be at the start of a run.</summary>
    private static VideoClassifier Classifier(TinyFineTune files, double scale)
    {
        var model = new VideoClassifier(EncoderShape.Of(files.Recipe()), 3, seed: 11);
        using var noGrad = new NoGrad();
        foreach (var (_, value) in model.Parameters().Where(p => p.Name == "head.weight"))
            F.Mul_(value, scale * 1000);
        return model;
    }

    /// <summary>3 segments × 2 crops of one video: each view read, cut out and scored by itself.</summary>
    private static double[] Expected(VideoClassifier model, string path)
    {
        using var noGrad = new NoGrad();
        using var video = VideoReader.Open(path);
        int[] strided = [.. Enumerable.Range(0, (video.CountFrames() + 1) / 2).Select(i => 2 * i)];
        var mean = new double[3];
        for (var segment = 0; segment < 3; segment++)
        {
            var start = (int)(segment * ((strided.Length - 4) / 2.0));
            var pixels = new byte[4 * 32 * 32 * 3];
            video.Read(strided.AsSpan(start, 4), null, 32, 32, pixels); // square: both crops are the whole picture
            using var scope = new TensorScope();
            var logits = model.Forward(Tensor.From(pixels, 1, 4, 32, 32, 3)).ToArray<double>();
            var total = logits.Sum(Math.Exp);
            for (var c = 0; c < 3; c++)
                mean[c] += Math.Exp(logits[c]) / total / 3;
        }
        return mean;
    }
}
