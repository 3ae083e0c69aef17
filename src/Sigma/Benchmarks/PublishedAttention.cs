using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>Attention as the published code composes it, with the whole matrix of scores: the oracle of ours.</summary>
internal static class PublishedAttention
{
    /// <summary>soft-max(q·kᵀ/√d)·v for every head: [B, N, 3·D] to [B, N, D].</summary>
    public static Tensor Mix(Tensor qkv, int heads)
    {
        using var scope = new TensorScope();
        var shape = qkv.Shape;
        var (batch, tokens, width) = (shape[0], shape[1], shape[2] / 3);
        var split = F.Permute(F.Reshape(qkv, batch, tokens, 3, heads, width / heads), 2, 0, 3, 1, 4); // [3, B, heads, N, d]
        var (query, key, value) = (F.Select(split, 0, 0), F.Select(split, 0, 1), F.Select(split, 0, 2));
        var shares = Shares(query * Math.Pow(width / heads, -0.5), key); // [B, heads, N, N]
        var mixed = F.MatMul(shares, value); // [B, heads, N, d]
        return scope.Keep(F.Reshape(F.Transpose(mixed, 1, 2), batch, tokens, width));
    }

    /// <summary>Of the scores only their soft-max stays.</summary>
    private static Tensor Shares(Tensor query, Tensor key)
    {
        using var scope = new TensorScope();
        return scope.Keep(F.Softmax(F.MatMul(query, F.Transpose(key, -2, -1)), -1));
    }
}
