using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Masking;

/// <summary>Whole random slices are hidden, the others are visible.</summary>
public static class FrameMask
{
    /// <summary>Draws a mask; every set of slices is equally likely.</summary>
    /// <param name="grid">the clip's tubes</param>
    /// <param name="hiddenSlices">slices hidden</param>
    /// <param name="random">the sample's stream for <see cref="Purpose.Mask"/></param>
    /// <exception cref="ArgumentOutOfRangeException">the mask hides nothing or everything</exception>
    public static Mask Draw(TubeGrid grid, int hiddenSlices, ref CounterRandom random)
    {
        MaskSampler.CheckHidden(hiddenSlices, grid.Slices);
        var slices = new bool[grid.Slices];
        RandomMask.HideSome(slices, hiddenSlices, ref random);
        var cells = new bool[grid.Tubes];
        for (var slice = 0; slice < grid.Slices; slice++)
            cells.AsSpan(slice * grid.CellsPerSlice, grid.CellsPerSlice).Fill(slices[slice]);
        return new Mask(grid, MaskKind.Frame, cells);
    }
}
