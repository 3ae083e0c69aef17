using Sigma.Benchmarks;
using Sigma.Torch;

namespace Sigma.Tests.Kernels;

[Trait("Category", "kernels")]
public sealed class AdamWTests
{
    [Fact]
    public void Ten_steps_move_every_weight_as_one_operator_after_the_other_does()
    {
        using var scope = new TensorScope();
        long[][] shapes = [[3], [40, 17], [1], [20000]];
        Tensor[] weights = [.. shapes.Select((shape, i) => MadeUp.Numbers(i, shape))];
        Tensor[] wanted = [.. weights.Select(w => F.To(w, ScalarType.Float64))];
        var moments = wanted.Select(w => (First: F.ZerosLike(w), Second: F.ZerosLike(w))).ToArray();
        foreach (var weight in weights)
            weight.RequiresGrad = true;
        using var optimizer = new AdamW([new([.. weights.Select((w, i) => ($"w{i}", w))], 0.05)], 0.9, 0.95);
        for (var t = 1; t <= 10; t++)
        {
            for (var i = 0; i < weights.Length; i++)
            {
                var gradient = MadeUp.Numbers(100 * t + i, shapes[i]);
                weights[i].Grad = gradient;
                var g = F.To(gradient, ScalarType.Float64);
                F.Mul_(wanted[i], 1 - 1e-2 * 0.05);
                moments[i] = (moments[i].First * 0.9 + g * 0.1, moments[i].Second * 0.95 + g * g * 0.05);
                var root = F.Sqrt(moments[i].Second / (1 - Math.Pow(0.95, t))) + 1e-8;
                F.Add_(wanted[i], moments[i].First / root, -1e-2 / (1 - Math.Pow(0.9, t)));
            }
            optimizer.Step(1e-2);
        }
        for (var i = 0; i < weights.Length; i++)
            Close.Assert(wanted[i], F.Detach(weights[i]), 1e-6, $"weight {i}");
    }
}
