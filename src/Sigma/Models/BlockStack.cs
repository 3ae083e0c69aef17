using System.Globalization;
using Sigma.Torch;

namespace Sigma.Models;

/// <summary>Transformer blocks one after the other, named 0, 1, ….</summary>
public sealed class BlockStack : Module
{
    private readonly Block[] blocks;

    /// <summary>A stack of <paramref name="depth"/> equal blocks.</summary>
    public BlockStack(Initialiser initialiser, int width, int depth, int heads) =>
        blocks = [.. Enumerable.Range(0, depth).Select(i => Part(i.ToString(CultureInfo.InvariantCulture), new Block(initialiser, width, heads)))];

    /// <summary>Whether a block keeps its input alone for backward, and computes the rest again there.</summary>
    public bool CheckpointActivations { get; init; }

    /// <summary>[B, N, D] to [B, N, D].</summary>
    public Tensor Forward(Tensor x)
    {
        foreach (var block in blocks)
            x = CheckpointActivations ? Recomputed.Call(block.Forward, x) : block.Forward(x);
        return x;
    }
}
