using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>
/// Multinomial logistic regression with an L2 penalty on frozen features: a convex problem with one answer, found by
/// Nesterov's accelerated gradient with the step its curvature allows, so there is no rate to tune.
/// </summary>
public sealed class LinearProbe : IDisposable
{
    private readonly Tensor weight;
    private readonly Tensor bias;

    private LinearProbe(Tensor weight, Tensor bias) => (this.weight, this.bias) = (weight, bias);

    /// <summary>
    /// Minimises mean cross-entropy + penalty/2 · ‖weights‖².
    /// </summary>
    /// <param name="features">[N, D], standardised.</param>
    /// <param name="labels">[N] classes.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="penalty">Strength of the penalty.</param>
    /// <param name="iterations">Gradient steps.</param>
    public static LinearProbe Fit(Tensor features, Tensor labels, int classes, double penalty = 1e-2, int iterations = 300)
    {
        using var noGrad = new NoGrad();
        using var outer = new TensorScope();
        var (count, width) = (features.Size(0), features.Size(1));
        var targets = Operator.Get("aten::one_hot").Call(labels, classes);
        targets = F.To(targets, features.Type); // [N, classes]
        // The soft-max's curvature is at most 1/2, so the loss's is at most σ²/2N + penalty with σ the largest singular
        // value, found by power iteration. The constant column of the bias adds at most 1/2.
        var step = 1 / (LargestEigenvalue(features) / (2 * count) + 0.5 + penalty);
        var (w, b) = (F.Zeros([classes, width]), F.Zeros([classes]));
        var (lastW, lastB) = (w, b);
        for (var i = 0; i < iterations; i++)
        {
            using var scope = new TensorScope();
            var momentum = i / (i + 3.0);
            var (aheadW, aheadB) = (w + (w - lastW) * momentum, b + (b - lastB) * momentum);
            var error = (F.Softmax(F.Linear(features, aheadW, aheadB), 1) - targets) / count; // [N, classes]
            (lastW, lastB) = (w, b);
            w = scope.Keep(aheadW - (F.MatMul(F.Transpose(error, 0, 1), features) + aheadW * penalty) * step);
            b = scope.Keep(aheadB - F.Sum(error, [0]) * step);
        }
        return new(w.KeepForever(), b.KeepForever());
    }

    /// <summary>Logits [Q, classes] of features [Q, D].</summary>
    public Tensor Logits(Tensor features) => F.Linear(features, weight, bias);

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        weight.Dispose();
        bias.Dispose();
    }

    /// <summary>Of XᵀX, a little above by a few per cent for safety.</summary>
    private static double LargestEigenvalue(Tensor features)
    {
        using var scope = new TensorScope();
        var v = F.Ones([features.Size(1)], features.Type);
        var value = 0.0;
        for (var i = 0; i < 30; i++)
        {
            var image = F.MatMul(F.Transpose(features, 0, 1), F.MatMul(features, v));
            value = Math.Sqrt(F.Sum(F.Square(image)).Item()) / Math.Max(Math.Sqrt(F.Sum(F.Square(v)).Item()), 1e-30);
            v = image / Math.Max(Math.Sqrt(F.Sum(F.Square(image)).Item()), 1e-30);
        }
        return value * 1.05;
    }
}
