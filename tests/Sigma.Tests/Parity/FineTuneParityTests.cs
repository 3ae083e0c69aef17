using System.Globalization;
using System.Text.Json;
using Sigma.Data.Augmentation;
using Sigma.Models;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Parity;

[Trait("Category", "parity")]
public sealed class FineTuneParityTests
{
    private const string Loss = "out.loss_smoothing_";

    public static TheoryData<string> Files => GoldenFile.OfKind("finetune");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_classifier_computes_what_the_published_one_computes(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        using var model = ModelOf(file);
        model.Load(file.Parameters());
        var clips = F.Contiguous(F.Permute(file["in.videos"], 0, 2, 3, 4, 1)); // [B, T, H, W, 3]

        var features = model.Features(ClipTubes.Cut(clips, model.Shape.TubeFrames, model.Shape.TubeSize));
        var logits = model.Logits(features);
        file.Matches("out.features", features, GoldenFile.ValueTolerance);
        file.Matches("out.logits", logits, GoldenFile.ValueTolerance);

        var lossName = file.Names.Single(n => n.StartsWith(Loss, StringComparison.Ordinal));
        var smoothing = double.Parse(lossName[Loss.Length..], CultureInfo.InvariantCulture);
        int[] labels = [.. file["in.labels"].ToArray<long>().Select(l => (int)l)];
        var loss = F.CrossEntropy(logits, Mixing.None.Labels(labels, model.Classes, smoothing));
        file.Matches(lossName, loss, GoldenFile.ValueTolerance);

        loss.Backward();
        foreach (var (parameter, value) in model.Parameters())
        {
            if (file.Has($"grad.{parameter}"))
                file.Matches($"grad.{parameter}", value.Grad!, GoldenFile.GradientTolerance);
            else
                file.SumsMatch($"gradsum.{parameter}", value.Grad!, GoldenFile.GradientTolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_parameter_has_the_published_rate_and_decay(string name)
    {
        using var file = GoldenFile.Open(name);
        using var scope = new TensorScope();
        using var model = ModelOf(file);
        var (rates, decays) = (Numbers(file, "lr_scale"), Numbers(file, "weight_decay"));

        var groups = LayerRates.Groups(model, model.Shape.Depth, decays.Values.Max(), file.Double("layer_decay"));

        var own = groups.SelectMany(g => g.Parameters.Select(p => (p.Name, Group: g))).ToDictionary(p => p.Name, p => p.Group);
        Assert.Equal(rates.Keys.Order(StringComparer.Ordinal), own.Keys.Order(StringComparer.Ordinal));
        Assert.All(own, p => Assert.Equal(rates[p.Key], p.Value.RateScale, 1e-12));
        Assert.All(own, p => Assert.Equal(decays[p.Key], p.Value.WeightDecay));
    }

    private static Dictionary<string, double> Numbers(GoldenFile file, string key) =>
        JsonSerializer.Deserialize<Dictionary<string, double>>(file.Settings[key])!;

    /// <summary>The classifier of a file's sizes; frames and tubes are those of its tensors.</summary>
    private static VideoClassifier ModelOf(GoldenFile file)
    {
        using var encoder = JsonDocument.Parse(file.Settings["encoder"]);
        int Of(string key) => encoder.RootElement.GetProperty(key).GetInt32();
        var (tube, videos) = (file["param.patch_embed.proj.weight"].Shape, file["in.videos"].Shape);
        var (tubeFrames, tubeSize) = ((int)tube[2], (int)tube[4]);
        var shape = new EncoderShape(
            Of("dim"), Of("depth"), Of("heads"), (int)videos[2] / tubeFrames, file.Int("img_size") / tubeSize, tubeFrames, tubeSize,
            LearnedPositions: file.Has("param.pos_embed"));
        return new VideoClassifier(shape, file.Int("classes"), seed: 1);
    }
}
