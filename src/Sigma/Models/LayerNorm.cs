using Sigma.Torch;

namespace Sigma.Models;

/// <summary>Layer normalisation over the last dimension with eps 1e-6, scale 1 and shift 0 at the start.</summary>
public sealed class LayerNorm : Module
{
    private const double Epsilon = 1e-6;
    private readonly Tensor weight;
    private readonly Tensor bias;

    /// <summary>A norm over <paramref name="width"/> channels.</summary>
    public LayerNorm(int width)
    {
        weight = Parameter("weight", Initialiser.Ones(width));
        bias = Parameter("bias", Initialiser.Zeros(width));
    }

    /// <summary>[…, D] to […, D].</summary>
    public Tensor Forward(Tensor x) => F.LayerNorm(x, weight, bias, Epsilon);
}
