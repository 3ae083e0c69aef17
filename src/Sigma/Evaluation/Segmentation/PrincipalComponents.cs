using Sigma.Torch;

namespace Sigma.Evaluation.Segmentation;

/// <summary>Features of one clip, standardised and brought to their first principal components.</summary>
internal static class PrincipalComponents
{
    // Channels that vary less than this are taken as constant: they become 0 instead of noise.
    private const double LeastDeviation = 1e-6;

    /// <summary>
    /// Tokens [N, D] with every channel at mean 0 and deviation 1, turned onto the eigenvectors of their covariance with the
    /// largest eigenvalues: [N, min(components, D)], computed in double, given in float.
    /// </summary>
    public static Tensor Reduce(Tensor tokens, int components)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var x = F.To(tokens, ScalarType.Float64);
        x -= F.Mean(x, [0], keep: true);
        var deviation = F.Sqrt(F.Variance(x, [0], unbiased: false, keep: true));
        x /= F.ClampMin(deviation, LeastDeviation);
        var width = x.Size(1);
        var covariance = F.MatMul(F.Transpose(x, 0, 1), x) / x.Size(0); // [D, D]
        var vectors = Operator.Get("aten::linalg_eigh").CallMany(2, covariance, "L")[1]!; // columns, eigenvalues ascending
        var kept = Math.Min(components, width);
        return scope.Keep(F.To(F.MatMul(x, F.Narrow(vectors, 1, width - kept, kept)), ScalarType.Float32));
    }
}
