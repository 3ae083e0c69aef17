using Sigma.Torch;

namespace Sigma.Training;

/// <summary>The norm of all gradients of a model together.</summary>
public static class GradientNorm
{
    /// <summary>√(sum of squares over all gradients), a scalar that stays on the device.</summary>
    public static Tensor Of(Module model)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        Tensor[] gradients = [.. Gradients(model)];
        var norms = Operator.Get("aten::_foreach_norm.Scalar").CallMany(gradients.Length, gradients, 2);
        return scope.Keep(F.Sqrt(F.Sum(F.Square(F.Stack(norms!, 0)))));
    }

    /// <summary>Scales all gradients by most / norm where the norm is larger, without asking the device for its value.</summary>
    public static void Clip(Module model, Tensor norm, double most)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var scale = F.ClampMax(F.Reciprocal(norm + 1e-6) * most, 1); // as PyTorch's clip_grad_norm_
        foreach (var gradient in Gradients(model))
            F.Mul_(gradient, scale);
    }

    private static IEnumerable<Tensor> Gradients(Module model) =>
        model.Parameters().Select(p => p.Value.Grad).OfType<Tensor>();
}
