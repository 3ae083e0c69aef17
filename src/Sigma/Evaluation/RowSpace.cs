using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>
/// Coordinates in the space that the training rows span. Where features are wider than there are clips (raw pixels), an
/// L2-penalised linear model has the same answer there, from a matrix a fraction as large.
/// </summary>
public static class RowSpace
{
    /// <summary>Directions with less than this share of the largest eigenvalue are rounding.</summary>
    private const double LeastShare = 1e-6;

    /// <summary>Both sets [N, D] and [Q, D] as [N, R] and [Q, R] with R ≤ N, if D is larger than N; else as they are.</summary>
    public static (Tensor Train, Tensor Test) Reduce(Tensor train, Tensor test)
    {
        if (train.Size(1) <= train.Size(0))
            return (train, test);
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var gram = F.Linear(train, train); // [N, N]
        var parts = Operator.Get("aten::linalg_eigh").CallMany(2, gram, "L");
        var (values, vectors) = (parts[0]!, parts[1]!); // ascending
        var kept = values.ToArray<double>();
        var least = kept[^1] * LeastShare;
        var first = Array.FindIndex(kept, v => v > least);
        var length = kept.Length - first;
        var roots = F.Sqrt(F.Narrow(values, 0, first, length)); // [R]
        var basis = F.Narrow(vectors, 1, first, length) / roots; // [N, R]
        return (scope.Keep(F.MatMul(gram, basis)), scope.Keep(F.MatMul(F.Linear(test, train), basis)));
    }
}
