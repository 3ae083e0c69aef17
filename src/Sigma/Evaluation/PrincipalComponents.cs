using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>The directions in which the features of one clip vary most.</summary>
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
        var x = Centred(tokens);
        var deviation = F.Sqrt(F.Variance(x, [0], unbiased: false, keep: true));
        x /= F.ClampMin(deviation, LeastDeviation);
        var (_, vectors) = Directions(x);
        var kept = Math.Min(components, x.Size(1));
        return scope.Keep(F.To(F.MatMul(x, F.Narrow(vectors, 1, x.Size(1) - kept, kept)), ScalarType.Float32));
    }

    /// <summary>
    /// The first principal components of tokens [N, D], the one that varies most first, and the share of all variance that each
    /// of the D has. Channels keep their scale. A direction's sign is arbitrary: the one is taken in which its largest entry is
    /// positive, so that the same tokens give the same components.
    /// </summary>
    /// <returns>[N, min(components, D)] in double, and [D] falling shares; zeros where all tokens are alike.</returns>
    public static (Tensor Components, double[] Shares) First(Tensor tokens, int components)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var x = Centred(tokens);
        var (values, vectors) = Directions(x);
        double[] variances = [.. values.ToArray<double>().Reverse().Select(v => Math.Max(v, 0))];
        var all = variances.Sum();
        var parts = new List<Tensor>();
        for (var i = 0; i < Math.Min(components, variances.Length); i++)
        {
            var direction = F.Narrow(vectors, 1, variances.Length - 1 - i, 1); // [D, 1]
            var sign = Math.Sign(direction.ToArray<double>().MaxBy(Math.Abs));
            parts.Add(F.MatMul(x, direction) * sign);
        }
        return (scope.Keep(F.Cat([.. parts], 1)), [.. variances.Select(v => all > 0 ? v / all : 0)]);
    }

    /// <summary>[N, D] in double, every channel at mean 0.</summary>
    private static Tensor Centred(Tensor tokens)
    {
        var x = F.To(tokens, ScalarType.Float64);
        return x - F.Mean(x, [0], keep: true);
    }

    /// <summary>Eigenvalues [D], rising, and eigenvectors [D, D], in columns, of the covariance of centred rows.</summary>
    private static (Tensor Values, Tensor Vectors) Directions(Tensor x)
    {
        var covariance = F.MatMul(F.Transpose(x, 0, 1), x) / x.Size(0); // [D, D]
        var parts = Operator.Get("aten::linalg_eigh").CallMany(2, covariance, "L");
        return (parts[0]!, parts[1]!);
    }
}
