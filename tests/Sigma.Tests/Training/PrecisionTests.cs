using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "training")]
public sealed class PrecisionTests
{
    [Fact]
    public void Bf16_trains_on_the_CPU()
    {
        using var files = new TinyRun();
        using var pretrainer = Pretrainer(files, "run", "precision=bf16");
        pretrainer.Train(CancellationToken.None);
        double[] losses = [.. MetricsFile.Read(files.In("run/metrics.jsonl")).Select(m => m.Loss)];
        Assert.True(losses[^10..].Average() < 0.9 * losses[..10].Average(), $"from {losses[..10].Average()} to {losses[^10..].Average()}");
    }

    [Fact]
    public void Checkpointed_activations_end_with_the_same_weights_bit_for_bit()
    {
        using var files = new TinyRun();
        foreach (var value in (string[])["false", "true"])
        {
            using var pretrainer = Pretrainer(files, value, $"model.checkpointActivations={value}", "optimizer.steps=10");
            pretrainer.Train(CancellationToken.None);
        }
        Assert.Equal(
            File.ReadAllBytes(files.In("false/checkpoints/step-000010/model.safetensors")),
            File.ReadAllBytes(files.In("true/checkpoints/step-000010/model.safetensors")));
    }

    [Fact]
    public void Half_precision_on_the_CPU_is_refused_before_anything_is_written()
    {
        using var files = new TinyRun();
        var refusal = Assert.Throws<BadInputException>(() => Pretrainer(files, "run", "precision=fp16").Dispose());
        Assert.Contains("--set precision=bf16", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(files.In("run")));
    }

    [Fact]
    public void The_loss_scale_halves_at_a_gradient_that_is_not_finite_and_doubles_after_two_thousand_good_ones()
    {
        using var scope = new TensorScope();
        var (good, bad) = (F.Ones([]), F.Full([], double.PositiveInfinity));
        var scale = new LossScale();
        Assert.Equal(65536, scale.State.Value);
        Assert.False(scale.Accepts(bad));
        Assert.Equal(new(32768, 0, 1), scale.State);
        for (var i = 0; i < 1999; i++)
            Assert.True(scale.Accepts(good));
        Assert.Equal(32768, scale.State.Value);
        Assert.True(scale.Accepts(good));
        Assert.Equal(new(65536, 0, 1), scale.State);
        for (var i = 0; i < 17; i++)
            scale.Accepts(bad);
        Assert.False(scale.HasRoom);
    }

    [Fact]
    public void A_scaled_loss_leaves_the_gradients_of_the_plain_one()
    {
        using var files = new TinyRun();
        using var model = new MaskedVideoModel(Recipe.Load(files.Recipe), 0, 1);
        using var scope = new TensorScope();
        var scale = new LossScale();
        scale.Scaled(F.Sum(F.Square(model.Prototypes!))).Backward();
        scale.Unscale(model);
        Assert.Equal(F.Detach(model.Prototypes! * 2.0).ToArray<float>(), model.Prototypes!.Grad!.ToArray<float>());
    }

    private static Pretrainer Pretrainer(TinyRun files, string name, params string[] overrides) =>
        new(new PretrainOptions { Recipe = Recipe.Load(files.Recipe, overrides), Data = files.Data, Out = files.In(name) });
}
