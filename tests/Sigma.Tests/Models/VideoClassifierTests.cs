using Sigma.Data;
using Sigma.Models;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Models;

[Trait("Category", "training")]
public sealed class VideoClassifierTests
{
    private static readonly EncoderShape Shape = new(16, 3, 2, 2, 2, 2, 4);

    [Fact]
    public void Rates_fall_from_the_head_to_the_embedding()
    {
        using var model = new VideoClassifier(Shape with { LearnedPositions = true }, 4, 0);
        var rates = LayerRates.Groups(model, 3, 0.05, 0.5).SelectMany(g => g.Parameters.Select(p => (p.Name, g.RateScale))).ToDictionary();
        Assert.Equal((1, 1, 0.5, 0.25, 0.125, 0.0625, 0.0625), (
            rates["head.weight"], rates["fc_norm.bias"], rates["blocks.2.attn.q_bias"], rates["blocks.1.mlp.fc1.weight"],
            rates["blocks.0.norm1.weight"], rates["patch_embed.proj.weight"], rates["pos_embed"]));
        Assert.Equal(model.Parameters().Select(p => p.Name).Order(StringComparer.Ordinal), rates.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Paths_are_dropped_more_often_in_later_blocks_and_count_for_the_more_where_they_are_kept()
    {
        using var scope = new TensorScope();
        ClipKey[] clips = [.. Enumerable.Range(0, 4000).Select(i => new ClipKey(0, 0, i, 0))];
        var factors = DropPath.Draw(3, 0.4, clips)!; // [3, 2, 4000, 1, 1]
        for (var block = 0; block < 3; block++)
        {
            var rate = 0.2 * block;
            var values = F.Select(factors, 0, block).ToArray<float>();
            Assert.Equal(rate, values.Count(v => v == 0) / 8000.0, 0.02);
            Assert.All(values, v => Assert.True(v == 0 || Math.Abs(v - 1 / (1 - rate)) < 1e-6));
        }
        Assert.Equal(factors.ToArray<float>(), DropPath.Draw(3, 0.4, clips)!.ToArray<float>());
        Assert.Null(DropPath.Draw(3, 0, clips));
    }

    [Fact]
    public void A_clip_that_passes_every_branch_by_is_only_embedded()
    {
        using var scope = new TensorScope();
        using var deep = new VideoClassifier(Shape, 4, 0);
        using var flat = new VideoClassifier(Shape with { Depth = 0 }, 4, 0);
        var state = deep.Parameters().Where(p => !p.Name.StartsWith("blocks.", StringComparison.Ordinal)).ToDictionary();
        flat.Load(state);
        var tubes = F.To(F.Reshape(F.Arange(2 * 8 * 96), 2, 8, 96), ScalarType.Float32) / 500;
        Assert.Equal(flat.Features(tubes).ToArray<float>(), deep.Features(tubes, F.Zeros([3, 2, 2, 1, 1])).ToArray<float>());
    }

    [Fact]
    public void Gradients_are_the_same_with_recomputed_activations()
    {
        using var scope = new TensorScope();
        float[] Gradients(bool recompute)
        {
            using var model = new VideoClassifier(Shape with { CheckpointActivations = recompute }, 4, 0);
            var tubes = F.To(F.Reshape(F.Arange(2 * 8 * 96), 2, 8, 96), ScalarType.Float32) / 500;
            var paths = DropPath.Draw(3, 0.4, [new(0, 0, 1, 0), new(0, 0, 2, 0)]);
            F.CrossEntropy(model.Logits(model.Features(tubes, paths)), Tensor.From<long>([1, 3])).Backward();
            return [.. model.Parameters().SelectMany(p => p.Value.Grad!.ToArray<float>())];
        }
        Assert.Equal(Gradients(false), Gradients(true));
    }
}
