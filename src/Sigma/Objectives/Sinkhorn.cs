using Sigma.Torch;

namespace Sigma.Objectives;

/// <summary>
/// Entropy-regularised optimal transport between samples and prototypes with uniform marginals (Cuturi 2013, as used by
/// SwAV): Q = diag(v) · exp(scores/ε) · diag(u). Only the prototypes' scales u are kept, as logarithms: a round turns every
/// sample's row into a soft-max of s/ε + log u and divides u by what each prototype got of it. The scores are read once a
/// round, Q is never stored, and ranks exchange K numbers a round.
/// </summary>
public static class Sinkhorn
{
    /// <summary>A prototype so far from every sample that its column is zero would get an infinite scale.</summary>
    private const double LeastColumn = 1e-280;

    /// <summary>
    /// Unit vectors' scores lie from -1 to 1, so no entry of exp(s/ε) and no two scales u are more than exp(2/ε) apart. At the
    /// paper's ε of 0.05 that is e^40; from here on the products of a round might leave float32.
    /// </summary>
    private const double LeastEpsilonOfProducts = 1.0 / 30;

    /// <summary>
    /// log u [K] after the iterations in double, for scores [N, K] of unit vectors: as large as 2/ε, too large for the digits
    /// that float32 has behind the point.
    /// </summary>
    /// <param name="scores">[N, K], the samples of this rank.</param>
    /// <param name="epsilon">Regularisation, in units of the scores.</param>
    /// <param name="iterations">Rounds of scaling prototypes, then samples.</param>
    /// <param name="sumOverRanks">Adds a [K] vector up over the ranks; null for one rank.</param>
    public static Tensor LogPrototypeScales(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var scope = new TensorScope();
        return scope.Keep(Balance(scores, epsilon, iterations, sumOverRanks).LogScales);
    }

    /// <summary>
    /// log u, and how far the prototypes were from even use when the last round began: the largest |K · share − 1| over
    /// prototypes, a scalar that costs no further read of the scores. Null with a single round, which has none before it.
    /// </summary>
    /// <inheritdoc cref="LogPrototypeScales"/>
    public static (Tensor LogScales, Tensor? MarginalError) Balance(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var narrow = Narrow(scores);
        var prototypes = scores.Size(1);
        var logCount = Math.Log(prototypes);
        var products = scores.Device.IsCuda && prototypes > Engine.CudaKernelColumns && epsilon >= LeastEpsilonOfProducts;
        var weights = products ? Weights(narrow, epsilon) : null;
        Tensor? logScales = null, error = null;
        for (var i = 0; i < iterations; i++)
        {
            // The published iterations start with all samples' scales equal, so the first round's rows are not yet scaled.
            var columns = logScales is null ? F.BalanceStart(narrow, epsilon)
                : weights is null ? F.BalanceRound(narrow, logScales, epsilon) : RoundOfProducts(weights, logScales); // [K]
            sumOverRanks?.Invoke(columns);
            if (i > 0 && i == iterations - 1)
                error = scope.Keep(F.Max(F.Abs(columns * prototypes / F.Sum(columns) - 1)));
            var change = F.Log(F.ClampMin(columns, LeastColumn)) + logCount;
            logScales = logScales is null ? -change : logScales - change;
        }
        return (scope.Keep(logScales ?? F.Zeros([prototypes], ScalarType.Float64, scores.Device)), error);
    }

    /// <summary>Q [N, K] after the iterations: every sample's row sums to 1. Stored in float32.</summary>
    /// <inheritdoc cref="LogPrototypeScales"/>
    public static Tensor Assign(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var scope = new TensorScope();
        return scope.Keep(Assign(scores, LogPrototypeScales(scores, epsilon, iterations, sumOverRanks), epsilon));
    }

    /// <summary>
    /// argmax of Q without Q: the largest of s/ε + log u [N], since a sample's own scale moves all its entries alike.
    /// </summary>
    /// <inheritdoc cref="LogPrototypeScales"/>
    public static Tensor Labels(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var scope = new TensorScope();
        return scope.Keep(Labels(scores, LogPrototypeScales(scores, epsilon, iterations, sumOverRanks), epsilon));
    }

    /// <summary>Q [N, K] for scores [N, K] and what <see cref="Balance"/> found for them.</summary>
    internal static Tensor Assign(Tensor scores, Tensor logScales, double epsilon)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var wide = F.To(F.Detach(scores), ScalarType.Float64);
        return scope.Keep(F.To(F.Softmax(wide / epsilon + logScales, -1), ScalarType.Float32));
    }

    /// <summary>argmax of Q [N] for scores [N, K] and what <see cref="Balance"/> found for them.</summary>
    internal static Tensor Labels(Tensor scores, Tensor logScales, double epsilon)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        return scope.Keep(F.BalanceLabels(Narrow(scores), logScales, epsilon));
    }

    /// <summary>
    /// exp(s/ε) [N, K] with the largest of every row at 1: the rows' scale does not matter to a soft-max. A GPU has the memory
    /// for it, and without kernels of ours no operator that would make it again on the way.
    /// </summary>
    internal static Tensor Weights(Tensor scores, double epsilon)
    {
        using var scope = new TensorScope();
        var weights = scores - F.Max(scores, 1, keep: true);
        F.Mul_(weights, 1 / epsilon);
        F.Exp_(weights);
        return scope.Keep(weights);
    }

    /// <summary>
    /// What <see cref="F.BalanceRound"/> gives, Σ over rows of soft-max(s/ε + log u) [K], by two products of
    /// <see cref="Weights"/> with a vector.
    /// </summary>
    internal static Tensor RoundOfProducts(Tensor weights, Tensor logScales)
    {
        using var scope = new TensorScope();
        var scales = F.Exp(logScales - F.Max(logScales)); // [K], at most 1
        var rows = F.MatMul(weights, F.To(scales, ScalarType.Float32)); // [N]
        return scope.Keep(F.To(F.MatMul(F.Reciprocal(rows), weights), ScalarType.Float64) * scales);
    }

    private static Tensor Narrow(Tensor scores) => F.Contiguous(F.To(F.Detach(scores), ScalarType.Float32));
}
