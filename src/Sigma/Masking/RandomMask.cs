using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Masking;

/// <summary>Another random set of cells, of the same size, in each slice.</summary>
public static class RandomMask
{
    /// <summary>Draws a mask; every set of cells is equally likely in every slice.</summary>
    /// <param name="grid">the clip's tubes</param>
    /// <param name="hiddenPerSlice">cells hidden in each slice</param>
    /// <param name="random">the sample's stream for <see cref="Purpose.Mask"/></param>
    /// <exception cref="ArgumentOutOfRangeException">the mask hides nothing or everything</exception>
    public static Mask Draw(TubeGrid grid, int hiddenPerSlice, ref CounterRandom random)
    {
        MaskSampler.CheckHidden(hiddenPerSlice, grid.CellsPerSlice);
        var cells = new bool[grid.Tubes];
        for (var slice = 0; slice < grid.Slices; slice++)
            HideSome(cells.AsSpan(slice * grid.CellsPerSlice, grid.CellsPerSlice), hiddenPerSlice, ref random);
        return new Mask(grid, MaskKind.Random, cells);
    }

    /// <summary>Sets <paramref name="count"/> of the cells, every choice equally likely.</summary>
    internal static void HideSome(Span<bool> cells, int count, ref CounterRandom random)
    {
        cells[..count].Fill(true);
        cells[count..].Clear();
        for (var i = cells.Length - 1; i > 0; i--)
        {
            var j = random.NextInt(i + 1);
            (cells[i], cells[j]) = (cells[j], cells[i]);
        }
    }
}
