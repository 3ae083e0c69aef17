using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Masking;

/// <summary>
/// One random set of cells, hidden in every slice: the mask of VideoMAE (Tong et al. 2022) and SIGMA, which leaves no
/// hidden tube uncovered at another time.
/// </summary>
public static class TubeMask
{
    /// <summary>Draws a mask; every set of cells is equally likely.</summary>
    /// <param name="grid">the clip's tubes</param>
    /// <param name="hiddenPerSlice">cells hidden in each slice</param>
    /// <param name="random">the sample's stream for <see cref="Purpose.Mask"/></param>
    /// <exception cref="ArgumentOutOfRangeException">the mask hides nothing or everything</exception>
    public static Mask Draw(TubeGrid grid, int hiddenPerSlice, ref CounterRandom random)
    {
        MaskSampler.CheckHidden(hiddenPerSlice, grid.CellsPerSlice);
        var cells = new bool[grid.Tubes];
        RandomMask.HideSome(cells.AsSpan(0, grid.CellsPerSlice), hiddenPerSlice, ref random);
        for (var slice = 1; slice < grid.Slices; slice++)
            cells.AsSpan(0, grid.CellsPerSlice).CopyTo(cells.AsSpan(slice * grid.CellsPerSlice));
        return new Mask(grid, MaskKind.Tube, cells);
    }
}
