using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// Multi-head self-attention with the published parameters: one qkv product without bias in the weight, learned
/// biases for q and v, and a zero bias for k.
/// </summary>
public sealed class Attention : Module
{
    private readonly int heads;
    private readonly Tensor queryBias;
    private readonly Tensor valueBias;
    private readonly Tensor weight;
    private readonly LinearLayer projection;

    /// <summary>Attention over tokens of <paramref name="width"/> channels, split evenly over the heads.</summary>
    public Attention(Initialiser initialiser, int width, int heads)
    {
        this.heads = heads;
        queryBias = Parameter("q_bias", Initialiser.Zeros(width));
        valueBias = Parameter("v_bias", Initialiser.Zeros(width));
        weight = Part("qkv", new LinearLayer(initialiser.XavierUniform(3 * width, width), null)).Parameters().Single().Value;
        projection = Part("proj", LinearLayer.Xavier(initialiser, width, width));
    }

    /// <summary>[B, N, D] to [B, N, D].</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        var bias = F.Cat([queryBias, F.ZerosLike(valueBias), valueBias], 0);
        return scope.Keep(projection.Forward(F.Attention(F.FusedLinear(x, weight, bias), heads)));
    }
}
