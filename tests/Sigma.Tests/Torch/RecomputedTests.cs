using Sigma.Torch;

namespace Sigma.Tests.Torch;

[Trait("Category", "torch")]
[Collection(nameof(Training.Alone))]
public sealed class RecomputedTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_part_that_is_computed_again_gives_the_gradients_of_the_plain_one_bit_for_bit(ScalarType autocast)
    {
        var before = Tensor.LiveCount;
        Assert.Equal(Gradients(autocast, recomputed: false), Gradients(autocast, recomputed: true));
        Assert.Equal(before, Tensor.LiveCount);
    }

    [Fact]
    public void The_part_is_called_again_only_when_its_gradient_is_asked_for()
    {
        using var scope = new TensorScope();
        var calls = 0;
        var x = F.Ones([3]);
        Tensor Part(Tensor input)
        {
            calls++;
            return input * 2.0;
        }

        Recomputed.Call(Part, x);
        Assert.Equal(1, calls);
        x.RequiresGrad = true;
        var sum = F.Sum(Recomputed.Call(Part, x));
        Assert.Equal(2, calls);
        sum.Backward();
        Assert.Equal(3, calls);
    }

    [Fact]
    public void An_error_on_the_way_back_reaches_whoever_asked_for_the_gradient()
    {
        using var scope = new TensorScope();
        var x = F.Ones([3]);
        x.RequiresGrad = true;
        var second = false;
        var sum = F.Sum(Recomputed.Call(input => second ? throw new InvalidOperationException("no second time") : input * 2.0, x));
        second = true;
        var failure = Assert.Throws<TorchException>(() => sum.Backward());
        Assert.Contains("no second time", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Of input, first and second weight of two layers with a GELU between.</summary>
    private static float[][] Gradients(ScalarType autocast, bool recomputed)
    {
        using var scope = new TensorScope();
        Tensor[] leaves = [Wave(5, 8), Wave(16, 8), Wave(4, 16)];
        foreach (var leaf in leaves)
            leaf.RequiresGrad = true;
        Tensor Part(Tensor x) => F.Linear(F.Gelu(F.Linear(x, leaves[1])), leaves[2]);
        Tensor loss;
        using (new Autocast(Device.Cpu, autocast))
        {
            var x = leaves[0] * 1.5;
            loss = F.Sum(F.Square(F.To(recomputed ? Recomputed.Call(Part, x) : Part(x), ScalarType.Float32)));
        }
        loss.Backward();
        return [.. leaves.Select(l => l.Grad!.ToArray<float>())];
    }

    private static Tensor Wave(int rows, int columns) =>
        Tensor.From(Enumerable.Range(0, rows * columns).Select(i => MathF.Sin(0.37f * i + rows)).ToArray(), rows, columns);
}
