using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Masking;

/// <summary>
/// A box around the highest motion of every slice, read from the codec's motion vectors (MGM): what moves is hidden,
/// and the still surroundings are not enough to tell it.
/// </summary>
/// <remarks>
/// The idea is the motion-guided masking article's; how the box is sized, placed and filled up to the exact count is
/// <i>ours</i>, since no public source settles it.
/// </remarks>
public static class MotionGuidedMask
{
    // Encoders give vectors in quarters of a pixel, and those inside one object scatter by about that: cells that come
    // within a tenth of the highest are the same motion.
    private const double PeakTolerance = 0.1;

    // Sums of the same numbers in another order.
    private const double TotalTolerance = 1e-9;

    /// <summary>
    /// Draws a mask. The box's size is random; its places are given by the motion. A slice in which nothing moves keeps
    /// the box of the slice before (those before any motion: the box of the first with motion). Where nothing moves in the
    /// whole clip the result is a <see cref="SimulatedMotionMask"/>, which its <see cref="Mask.Kind"/> tells.
    /// </summary>
    /// <param name="motion">the clip's motion, after its crop, resize and flip</param>
    /// <param name="hiddenPerSlice">cells hidden in each slice</param>
    /// <param name="placement">around the peak of the 3×3-smoothed motion, or where the box holds the most motion</param>
    /// <param name="random">the sample's stream for <see cref="Purpose.Mask"/></param>
    /// <exception cref="ArgumentOutOfRangeException">the mask hides nothing or everything</exception>
    public static Mask Draw(MotionGrid motion, int hiddenPerSlice, BoxPlacement placement, ref CounterRandom random)
    {
        var grid = motion.Grid;
        MaskSampler.CheckHidden(hiddenPerSlice, grid.CellsPerSlice);
        var firstMoving = Enumerable.Range(0, grid.Slices).FirstOrDefault(motion.Moves, -1);
        if (firstMoving < 0)
            return SimulatedMotionMask.Draw(grid, hiddenPerSlice, ref random);

        var size = MaskBox.DrawSize(grid, hiddenPerSlice, ref random);
        var cells = new bool[grid.Tubes];
        var boxes = new MaskBox[grid.Slices];
        var box = Place(motion, firstMoving, size, placement);
        for (var slice = 0; slice < grid.Slices; slice++)
        {
            if (slice > firstMoving && motion.Moves(slice))
                box = Place(motion, slice, size, placement);
            boxes[slice] = box;
            box.Hide(grid, hiddenPerSlice, cells.AsSpan(slice * grid.CellsPerSlice, grid.CellsPerSlice));
        }
        return new Mask(grid, MaskKind.MotionGuided, cells, boxes);
    }

    private static MaskBox Place(MotionGrid motion, int slice, MaskBox size, BoxPlacement placement)
    {
        var field = motion.Slice(slice);
        if (placement == BoxPlacement.Total)
        {
            var places = motion.Grid.Columns - size.Width + 1;
            var (row, column) = Math.DivRem(Plateau.Find(Totals(field, motion.Grid, size), places, TotalTolerance).NearestCell, places);
            return size with { Row = row, Column = column };
        }
        var peak = Plateau.Find(Smooth(field, motion.Grid), motion.Grid.Columns, PeakTolerance);
        return size.CentredAt(motion.Grid, peak.Row + 0.5, peak.Column + 0.5); // the middle of cell 0 lies at 0.5
    }

    /// <summary>[rows × columns], the mean over each cell and its neighbours inside the frame.</summary>
    private static double[] Smooth(ReadOnlySpan<float> field, TubeGrid grid)
    {
        var smooth = new double[field.Length];
        for (var row = 0; row < grid.Rows; row++)
            for (var column = 0; column < grid.Columns; column++)
            {
                var (top, bottom) = (Math.Max(row - 1, 0), Math.Min(row + 2, grid.Rows));
                var (left, right) = (Math.Max(column - 1, 0), Math.Min(column + 2, grid.Columns));
                var sum = Sum(field, grid.Columns, top, left, bottom - top, right - left);
                smooth[row * grid.Columns + column] = sum / ((bottom - top) * (right - left));
            }
        return smooth;
    }

    /// <summary>[rows − height + 1, columns − width + 1], the motion a box holds with its corner there.</summary>
    private static double[] Totals(ReadOnlySpan<float> field, TubeGrid grid, MaskBox size)
    {
        var (rows, columns) = (grid.Rows - size.Height + 1, grid.Columns - size.Width + 1);
        var totals = new double[rows * columns];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                totals[row * columns + column] = Sum(field, grid.Columns, row, column, size.Height, size.Width);
        return totals;
    }

    private static double Sum(ReadOnlySpan<float> field, int columns, int row, int column, int height, int width)
    {
        var sum = 0.0;
        for (var y = row; y < row + height; y++)
            foreach (var motion in field.Slice(y * columns + column, width))
                sum += motion;
        return sum;
    }
}
