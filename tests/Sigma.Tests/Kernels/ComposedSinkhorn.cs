using Sigma.Torch;

namespace Sigma.Tests.Kernels;

/// <summary>Sinkhorn composed of libtorch's operators, everything in double: what ours is compared with.</summary>
internal static class ComposedSinkhorn
{
    private const double LeastColumn = 1e-280;

    /// <summary>Q [N, K] in double.</summary>
    public static Tensor Assign(Tensor scores, double epsilon, int iterations)
    {
        using var scope = new TensorScope();
        var (kernel, start) = Kernel(scores, epsilon);
        var prototypes = kernel.Size(1);
        var u = F.Ones([prototypes], kernel.Type);
        var v = start;
        for (var i = 0; i < iterations; i++)
        {
            u = F.Reciprocal(F.ClampMin(F.MatMul(v, kernel), LeastColumn)) / prototypes;
            v = F.Reciprocal(F.MatMul(kernel, u)); // [N]: rows sum to 1
        }
        return scope.Keep(kernel * F.Unsqueeze(u, 0) * F.Unsqueeze(v, 1));
    }

    /// <summary>
    /// exp((s − largest of the row)/ε) [N, K], in which no row underflows, and the factors [N] that this took out: the
    /// samples' scales start from them, since the published iterations start from all scales equal.
    /// </summary>
    private static (Tensor Kernel, Tensor Start) Kernel(Tensor scores, double epsilon)
    {
        var wide = F.To(F.Detach(scores), ScalarType.Float64);
        var largest = F.Max(wide, -1, keep: true);
        return (F.Exp((wide - largest) / epsilon), F.Exp((F.Squeeze(largest, -1) - 1) / epsilon));
    }
}
