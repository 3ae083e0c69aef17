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
        return scope.Keep(projection.Forward(Mix(F.Linear(x, weight, bias), heads)));
    }

    /// <summary>soft-max(q·kᵀ/√d)·v for every head: [B, N, 3·D] to [B, N, D], composed of libtorch's operators.</summary>
    internal static Tensor Mix(Tensor qkv, int heads)
    {
        var shape = qkv.Shape;
        var (batch, tokens, width) = (shape[0], shape[1], shape[2] / 3);
        var split = F.Permute(F.Reshape(qkv, batch, tokens, 3, heads, width / heads), 2, 0, 3, 1, 4); // [3, B, heads, N, d]
        var (query, key, value) = (F.Select(split, 0, 0), F.Select(split, 0, 1), F.Select(split, 0, 2));
        var scores = F.MatMul(query * Math.Pow(width / heads, -0.5), F.Transpose(key, -2, -1)); // [B, heads, N, N]
        var mixed = F.MatMul(F.Softmax(scores, -1), value); // [B, heads, N, d]
        return F.Reshape(F.Transpose(mixed, 1, 2), batch, tokens, width);
    }
}
