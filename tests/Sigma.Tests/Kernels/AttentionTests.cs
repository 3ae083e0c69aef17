using Sigma.Benchmarks;
using Sigma.Tests.Training;
using Sigma.Torch;

namespace Sigma.Tests.Kernels;

[Trait("Category", "kernels")]
[Collection(nameof(Alone))]
public sealed class AttentionTests
{
    /// <summary>A score of 30 is known to 2e-6 in float32, and so is its exponential; sums over up to 300 keys come on top.</summary>
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 1, 1, 4)]
    [InlineData(2, 36, 3, 32)]
    [InlineData(1, 160, 6, 64)]
    [InlineData(3, 97, 2, 80)]
    [InlineData(1, 300, 3, 64)]
    [InlineData(5, 65, 1, 17)]
    [InlineData(4, 130, 4, 48)]
    public void Values_and_gradients_are_those_of_the_composition(int batch, int tokens, int heads, int width)
    {
        using var scope = new TensorScope();
        // Scores up to about ±20, so that soft-max is far from even.
        var qkv = MadeUp.Numbers(tokens, batch, tokens, 3 * heads * width) * 4;
        var slope = MadeUp.Numbers(width, batch, tokens, heads * width);

        var (wanted, wantedGradient) = Differentiate(PublishedAttention.Mix, F.To(qkv, ScalarType.Float64), F.To(slope, ScalarType.Float64), heads);
        var (got, gradient) = Differentiate(F.Attention, qkv, slope, heads);

        Close.Assert(wanted, got, Tolerance);
        Close.Assert(wantedGradient, gradient, 5 * Tolerance, "gradients");
    }

    [Fact]
    public void Composed_as_on_a_GPU_it_is_the_composition_too()
    {
        using var scope = new TensorScope();
        var qkv = F.To(MadeUp.Numbers(11, 2, 30, 3 * 4 * 8), ScalarType.Float64);
        var slope = F.To(MadeUp.Numbers(12, 2, 30, 4 * 8), ScalarType.Float64);
        var (wanted, wantedGradient) = Differentiate(PublishedAttention.Mix, qkv, slope, 4);
        var (got, gradient) = Differentiate(F.Attention, qkv, slope, 4); // no kernel of the CPU takes double
        Close.Assert(wanted, got, 1e-12);
        Close.Assert(wantedGradient, gradient, 1e-12, "gradients");
    }

    [Fact]
    public void Scores_as_large_as_hundreds_overflow_nothing()
    {
        using var scope = new TensorScope();
        var qkv = MadeUp.Numbers(1, 1, 200, 3 * 64) * 50;
        var (values, gradient) = Differentiate(F.Attention, qkv, F.Ones([1, 200, 64]), 1);
        Assert.All(values.ToArray<float>(), x => Assert.True(float.IsFinite(x)));
        Assert.All(gradient.ToArray<float>(), x => Assert.True(float.IsFinite(x)));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(4, 3)]
    public void The_same_bits_come_out_every_time(int batch, int heads)
    {
        using var scope = new TensorScope();
        var threads = Engine.Threads;
        Engine.Threads = 4;
        var qkv = MadeUp.Numbers(3, batch, 257, 3 * heads * 32);
        var slope = MadeUp.Numbers(4, batch, 257, heads * 32);
        var (values, gradient) = Differentiate(F.Attention, qkv, slope, heads);
        for (var i = 0; i < 5; i++)
        {
            var (again, gradientAgain) = Differentiate(F.Attention, qkv, slope, heads);
            Assert.Equal(values.ToArray<float>(), again.ToArray<float>());
            Assert.Equal(gradient.ToArray<float>(), gradientAgain.ToArray<float>());
        }
        Engine.Threads = threads;
    }

    [Fact]
    public void No_matrix_of_scores_is_stored()
    {
        using var scope = new TensorScope();
        const int tokens = 3000;
        var qkv = MadeUp.Numbers(5, 1, tokens, 3 * 16);
        var peak = MemoryUse.Peak(() => Differentiate(F.Attention, qkv, F.Ones([1, tokens, 16]), 1), Device.Cpu);
        Assert.InRange(peak, 1, (long)tokens * tokens * sizeof(float) / 4);
    }

    [Fact]
    public void A_product_in_bf16_gives_bf16()
    {
        using var scope = new TensorScope();
        var qkv = MadeUp.Numbers(6, 2, 40, 3 * 32);
        var narrow = F.Attention(F.To(qkv, ScalarType.BFloat16), 2);
        Assert.Equal(ScalarType.BFloat16, narrow.Type);
        Close.Assert(F.Attention(qkv, 2), narrow, 0.02); // bf16 has 8 bits
    }

    [Fact]
    public void A_width_that_no_heads_share_is_refused()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => F.Attention(F.Zeros([1, 4, 10]), 2));
        Assert.Contains("3·heads·width", error.Message, StringComparison.Ordinal);
    }

    private static (Tensor Values, Tensor Gradient) Differentiate(Func<Tensor, int, Tensor> mix, Tensor qkv, Tensor slope, int heads)
    {
        using var scope = new TensorScope();
        var x = F.Clone(qkv);
        x.RequiresGrad = true;
        var values = mix(x, heads);
        values.Backward(slope);
        return (scope.Keep(F.Detach(values)), scope.Keep(x.Grad!));
    }
}
