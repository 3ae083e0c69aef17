using Sigma.Torch;

namespace Sigma.Objectives;

/// <summary>
/// Entropy-regularised optimal transport between samples and prototypes with uniform marginals (Cuturi 2013, as used by
/// SwAV). Only the scaling vectors change during the iterations: Q = diag(v) · exp(scores/ε) · diag(u).
/// </summary>
public static class Sinkhorn
{
    /// <summary>A prototype so far from every sample that its column is zero would get an infinite scale.</summary>
    private const double LeastColumn = 1e-280;

    /// <summary>
    /// The prototypes' scaling vector u [K] after the iterations, for scores [N, K] of unit vectors.
    /// </summary>
    /// <param name="scores">[N, K], the samples of this rank.</param>
    /// <param name="epsilon">Regularisation, in units of the scores.</param>
    /// <param name="iterations">Rounds of scaling prototypes, then samples.</param>
    /// <param name="sumOverRanks">Adds a [K] vector up over the ranks; null for one rank.</param>
    public static Tensor PrototypeScales(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var scope = new TensorScope();
        var (kernel, start) = Kernel(scores, epsilon);
        return scope.Keep(Scales(kernel, start, iterations, sumOverRanks).Prototypes);
    }

    /// <summary>Q [N, K] after the iterations: every sample's row sums to 1. Stored in float32.</summary>
    /// <inheritdoc cref="PrototypeScales"/>
    public static Tensor Assign(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var scope = new TensorScope();
        var (kernel, start) = Kernel(scores, epsilon);
        var (prototypes, samples) = Scales(kernel, start, iterations, sumOverRanks);
        return scope.Keep(F.To(kernel * F.Unsqueeze(prototypes, 0) * F.Unsqueeze(samples, 1), ScalarType.Float32));
    }

    /// <summary>
    /// argmax of Q without Q: the largest of s/ε + log u [N], since a sample's own scale moves all its entries alike.
    /// </summary>
    /// <inheritdoc cref="PrototypeScales"/>
    public static Tensor Labels(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var logScales = F.Log(PrototypeScales(scores, epsilon, iterations, sumOverRanks)) * epsilon;
        return scope.Keep(F.ArgMax(F.To(F.Detach(scores), logScales.Type) + logScales, -1));
    }

    /// <summary>
    /// exp((s − largest of the row)/ε) [N, K], in which no row underflows, and the factors [N] that this took out: the
    /// samples' scales start from them, since the published iterations start from all scales equal. Scores are at most 1,
    /// so factors are counted from there, alike on every rank. In double: the scaling vectors span exp(4/ε), which float32
    /// cannot hold.
    /// </summary>
    private static (Tensor Kernel, Tensor Start) Kernel(Tensor scores, double epsilon)
    {
        using var noGrad = new NoGrad();
        var wide = F.To(F.Detach(scores), ScalarType.Float64);
        var largest = F.Max(wide, -1, keep: true);
        return (F.Exp((wide - largest) / epsilon), F.Exp((F.Squeeze(largest, -1) - 1) / epsilon));
    }

    private static (Tensor Prototypes, Tensor Samples) Scales(Tensor kernel, Tensor start, int iterations, Action<Tensor>? sumOverRanks)
    {
        using var noGrad = new NoGrad();
        var prototypes = kernel.Size(1);
        var u = F.Ones([prototypes], kernel.Type, kernel.Device);
        var v = start;
        for (var i = 0; i < iterations; i++)
        {
            var columns = F.MatMul(v, kernel); // [K]
            sumOverRanks?.Invoke(columns);
            u = F.Reciprocal(F.ClampMin(columns, LeastColumn)) / prototypes;
            v = F.Reciprocal(F.MatMul(kernel, u)); // [N]: rows sum to 1
        }
        return (u, v);
    }
}
