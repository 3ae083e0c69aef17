using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>Sinkhorn as the published code computes it: the whole Q is stored, and written anew in every round.</summary>
internal static class PublishedSinkhorn
{
    /// <summary>Scores [N, K] to Q [N, K], every sample's row summing to 1.</summary>
    public static Tensor Assign(Tensor scores, double epsilon, int iterations)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        using var exponentials = Exponentials(scores, epsilon);
        var q = F.Clone(F.Transpose(exponentials, 0, 1)); // [K, N]
        var (prototypes, samples) = (q.Size(0), q.Size(1));
        F.Div_(q, F.Sum(q));
        var (row, column) = (F.Full([prototypes, 1], 1.0 / prototypes, device: q.Device), F.Full([1, samples], 1.0 / samples, device: q.Device));
        for (var i = 0; i < iterations; i++)
        {
            F.Mul_(q, row / F.Sum(q, [1], keep: true));
            F.Mul_(q, column / F.Sum(q, [0], keep: true));
        }
        return scope.Keep(F.Transpose(q / F.Sum(q, [0], keep: true), 0, 1));
    }

    /// <summary>Of the quotients only these stay.</summary>
    private static Tensor Exponentials(Tensor scores, double epsilon)
    {
        using var scope = new TensorScope();
        return scope.Keep(F.Exp(F.Detach(scores) / epsilon));
    }
}
