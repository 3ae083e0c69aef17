using Sigma.Data;
using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// Stochastic depth (Huang et al. 2016): in training a clip passes some branches of the blocks by, and the others count for
/// the more. The probability rises evenly from 0 in the first block to the whole in the last.
/// </summary>
internal static class DropPath
{
    /// <summary>Factors [depth, 2, B, 1, 1] of the branches, drawn for each clip from its own stream; null where nothing is dropped.</summary>
    /// <param name="depth">Blocks.</param>
    /// <param name="probability">In the last block.</param>
    /// <param name="clips">[B].</param>
    public static Tensor? Draw(int depth, double probability, IReadOnlyList<ClipKey> clips)
    {
        if (probability == 0)
            return null;
        var factors = Tensor.Empty([depth, 2, clips.Count, 1, 1]);
        var values = factors.Data<float>();
        for (var clip = 0; clip < clips.Count; clip++)
        {
            var random = clips[clip].Stream(Purpose.DropPath);
            for (var branch = 0; branch < 2 * depth; branch++)
            {
                var keep = 1 - probability * (branch / 2) / Math.Max(depth - 1, 1);
                values[branch * clips.Count + clip] = random.NextDouble() < keep ? (float)(1 / keep) : 0;
            }
        }
        return factors;
    }
}
