using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>Brings every channel of features to mean 0 and deviation 1 over the training clips.</summary>
public static class Standardisation
{
    private const double Epsilon = 1e-6;

    /// <summary>Both sets [N, D] and [Q, D], by the statistics of the first.</summary>
    public static (Tensor Train, Tensor Test) Apply(Tensor train, Tensor test)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var mean = F.Mean(train, [0], keep: true);
        var deviation = F.Sqrt(F.Variance(train, [0], unbiased: true, keep: true)) + Epsilon;
        return (scope.Keep((train - mean) / deviation), scope.Keep((test - mean) / deviation));
    }
}
