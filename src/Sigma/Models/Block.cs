using Sigma.Torch;

namespace Sigma.Models;

/// <summary>A pre-norm transformer block: x + attention(norm(x)), then x + MLP(norm(x)) with exact GELU and MLP ratio 4.</summary>
public sealed class Block : Module
{
    private readonly LayerNorm attentionNorm;
    private readonly Attention attention;
    private readonly LayerNorm mlpNorm;
    private readonly Mlp mlp;

    /// <summary>A block over tokens of <paramref name="width"/> channels.</summary>
    public Block(Initialiser initialiser, int width, int heads)
    {
        attentionNorm = Part("norm1", new LayerNorm(width));
        attention = Part("attn", new Attention(initialiser, width, heads));
        mlpNorm = Part("norm2", new LayerNorm(width));
        mlp = Part("mlp", new Mlp(initialiser, width));
    }

    /// <summary>[B, N, D] to [B, N, D].</summary>
    /// <param name="x">Tokens.</param>
    /// <param name="paths">
    /// [2, B, 1, 1], what the branch of attention and that of the MLP is multiplied with for each clip (stochastic depth);
    /// null for 1 everywhere.
    /// </param>
    public Tensor Forward(Tensor x, Tensor? paths = null)
    {
        using var scope = new TensorScope();
        x += Scaled(attention.Forward(attentionNorm.Forward(x)), paths, 0);
        return scope.Keep(x + Scaled(mlp.Forward(mlpNorm.Forward(x)), paths, 1));
    }

    private static Tensor Scaled(Tensor branch, Tensor? paths, int which) => paths is null ? branch : branch * F.Select(paths, 0, which);

    private sealed class Mlp : Module
    {
        private readonly LinearLayer first;
        private readonly LinearLayer second;

        public Mlp(Initialiser initialiser, int width)
        {
            first = Part("fc1", LinearLayer.Xavier(initialiser, width, 4 * width));
            second = Part("fc2", LinearLayer.Xavier(initialiser, 4 * width, width));
        }

        public Tensor Forward(Tensor x) => second.ForwardOfGelu(first.Forward(x));
    }
}
