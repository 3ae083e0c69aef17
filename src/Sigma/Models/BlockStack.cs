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
    /// <param name="x">Tokens.</param>
    /// <param name="paths">[depth, 2, B, 1, 1], see <see cref="Block.Forward"/>; null for none dropped.</param>
    public Tensor Forward(Tensor x, Tensor? paths = null)
    {
        for (var i = 0; i < blocks.Length; i++)
        {
            var (block, number) = (blocks[i], i);
            Tensor Forward(Tensor tokens) => block.Forward(tokens, paths is null ? null : F.Select(paths, 0, number));
            x = CheckpointActivations ? Recomputed.Call(Forward, x) : Forward(x);
        }
        return x;
    }
}
