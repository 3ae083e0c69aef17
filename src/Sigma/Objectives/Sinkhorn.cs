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
    /// log u [K] after the iterations in double, for scores [N, K] of unit vectors: u spans exp(4/ε), which float32 cannot
    /// hold.
    /// </summary>
    /// <param name="scores">[N, K], the samples of this rank.</param>
    /// <param name="epsilon">Regularisation, in units of the scores.</param>
    /// <param name="iterations">Rounds of scaling prototypes, then samples.</param>
    /// <param name="sumOverRanks">Adds a [K] vector up over the ranks; null for one rank.</param>
    public static Tensor LogPrototypeScales(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var narrow = Narrow(scores);
        var logCount = Math.Log(scores.Size(1));
        Tensor? logScales = null;
        for (var i = 0; i < iterations; i++)
        {
            // The published iterations start with all samples' scales equal, so the first round's rows are not yet scaled.
            var columns = logScales is null ? F.BalanceStart(narrow, epsilon) : F.BalanceRound(narrow, logScales, epsilon); // [K]
            sumOverRanks?.Invoke(columns);
            var change = F.Log(F.ClampMin(columns, LeastColumn)) + logCount;
            logScales = logScales is null ? -change : logScales - change;
        }
        return scope.Keep(logScales ?? F.Zeros([scores.Size(1)], ScalarType.Float64, scores.Device));
    }

    /// <summary>Q [N, K] after the iterations: every sample's row sums to 1. Stored in float32.</summary>
    /// <inheritdoc cref="LogPrototypeScales"/>
    public static Tensor Assign(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var logScales = LogPrototypeScales(scores, epsilon, iterations, sumOverRanks);
        var wide = F.To(F.Detach(scores), ScalarType.Float64);
        return scope.Keep(F.To(F.Softmax(wide / epsilon + logScales, -1), ScalarType.Float32));
    }

    /// <summary>
    /// argmax of Q without Q: the largest of s/ε + log u [N], since a sample's own scale moves all its entries alike.
    /// </summary>
    /// <inheritdoc cref="LogPrototypeScales"/>
    public static Tensor Labels(Tensor scores, double epsilon, int iterations, Action<Tensor>? sumOverRanks = null)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var narrow = Narrow(scores);
        return scope.Keep(F.BalanceLabels(narrow, LogPrototypeScales(narrow, epsilon, iterations, sumOverRanks), epsilon));
    }

    private static Tensor Narrow(Tensor scores) => F.Contiguous(F.To(F.Detach(scores), ScalarType.Float32));
}
