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
        var q = F.Transpose(F.Exp(F.Detach(scores) / epsilon), 0, 1); // [K, N]
        var (prototypes, samples) = (q.Size(0), q.Size(1));
        F.Div_(q, F.Sum(q));
        for (var i = 0; i < iterations; i++)
        {
            F.Div_(q, F.Sum(q, [1], keep: true));
            F.Mul_(q, 1.0 / prototypes);
            F.Div_(q, F.Sum(q, [0], keep: true));
            F.Mul_(q, 1.0 / samples);
        }
        F.Mul_(q, samples);
        return scope.Keep(F.Transpose(q, 0, 1));
    }
}
