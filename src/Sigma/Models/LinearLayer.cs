using Sigma.Torch;

namespace Sigma.Models;

/// <summary>A linear map with the published names <c>weight</c> [out, in] and <c>bias</c> [out].</summary>
public sealed class LinearLayer : Module
{
    private readonly Tensor weight;
    private readonly Tensor? bias;

    /// <summary>Takes its values; without a bias it is a plain matrix.</summary>
    public LinearLayer(Tensor weight, Tensor? bias)
    {
        this.weight = Parameter("weight", weight);
        this.bias = bias is null ? null : Parameter("bias", bias);
    }

    /// <summary>Xavier-uniform weights and zero bias, as in the encoder's and decoder's blocks.</summary>
    public static LinearLayer Xavier(Initialiser initialiser, int inputs, int outputs) =>
        new(initialiser.XavierUniform(outputs, inputs), Initialiser.Zeros(outputs));

    /// <summary>PyTorch's default weights, as in φ and the encoder-to-decoder map.</summary>
    public static LinearLayer Default(Initialiser initialiser, int inputs, int outputs, bool bias = true) =>
        new(initialiser.Default(inputs, outputs, inputs), bias ? initialiser.Default(inputs, outputs) : null);

    /// <summary>[…, in] to […, out].</summary>
    public Tensor Forward(Tensor x) => F.FusedLinear(x, weight, bias);

    /// <summary>GELU of […, in] to […, out].</summary>
    public Tensor ForwardOfGelu(Tensor x) => F.FusedLinear(x, weight, bias, gelu: true);
}
