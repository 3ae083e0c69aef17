using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Masking;

/// <summary>Draws the masks a recipe asks for. Safe to share between threads: it holds settings only.</summary>
/// <param name="recipe">kind and ratio, and what a motion-guided mask needs beside them</param>
/// <param name="grid">the clip's tubes</param>
public sealed class MaskSampler(MaskRecipe recipe, TubeGrid grid)
{
    /// <summary>The sampler for a recipe's clips.</summary>
    public MaskSampler(MaskRecipe recipe, ClipRecipe clip) : this(recipe, new TubeGrid(clip.Slices, clip.Grid, clip.Grid))
    {
    }

    /// <summary>The clip's tubes.</summary>
    public TubeGrid Grid => grid;

    /// <summary>True where <see cref="Draw"/> wants the clip's motion, so that it is worth reading.</summary>
    public bool NeedsMotion => recipe.Kind == MaskKind.MotionGuided;

    /// <summary>Draws the mask of one clip. All masks of a sampler hide the same number of tubes.</summary>
    /// <param name="motion">the clip's motion; only a motion-guided mask looks at it</param>
    /// <param name="random">the sample's stream for <see cref="Purpose.Mask"/></param>
    /// <exception cref="ArgumentNullException">a motion-guided mask was asked for without motion</exception>
    /// <exception cref="ArgumentOutOfRangeException">the ratio hides nothing or everything</exception>
    public Mask Draw(MotionGrid? motion, ref CounterRandom random)
    {
        var hidden = recipe.HiddenPerSlice(grid.CellsPerSlice);
        switch (recipe.Kind)
        {
            case MaskKind.Tube:
                return TubeMask.Draw(grid, hidden, ref random);
            case MaskKind.Random:
                return RandomMask.Draw(grid, hidden, ref random);
            case MaskKind.Frame:
                return FrameMask.Draw(grid, recipe.HiddenSlices(grid.Slices), ref random);
            case MaskKind.SimulatedMotion:
                return SimulatedMotionMask.Draw(grid, hidden, ref random);
            case MaskKind.MotionGuided:
                ArgumentNullException.ThrowIfNull(motion);
                return MotionGuidedMask.Draw(motion, hidden, recipe.Placement, ref random);
            default:
                throw new InvalidOperationException($"No mask of kind {recipe.Kind} is known.");
        }
    }

    /// <summary>A mask hides something, and leaves something to see.</summary>
    internal static void CheckHidden(int hidden, int of)
    {
        if (hidden <= 0 || hidden >= of)
            throw new ArgumentOutOfRangeException(nameof(hidden), hidden, $"A mask hides 1 to {of - 1} of {of}.");
    }
}
