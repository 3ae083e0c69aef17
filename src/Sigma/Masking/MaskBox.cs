using Sigma.Data;

namespace Sigma.Masking;

/// <summary>A rectangle of cells of one slice, counted from the upper left corner.</summary>
/// <param name="Row">topmost row</param>
/// <param name="Column">leftmost column</param>
/// <param name="Height">rows</param>
/// <param name="Width">columns</param>
public readonly record struct MaskBox(int Row, int Column, int Height, int Width)
{
    private const double LargestAspect = 2; // width over height lies in [1/2, 2]
    private const int CellBits = 31;
    private const long Outside = 1L << 62;

    /// <summary>Cells inside.</summary>
    public int Area => Height * Width;

    /// <summary>True where the cell lies inside.</summary>
    public bool Contains(int row, int column) =>
        row >= Row && row < Row + Height && column >= Column && column < Column + Width;

    /// <summary>
    /// Draws the size a mask's box keeps for the whole clip: an aspect ratio (width over height) log-uniform in
    /// [1/2, 2], then of the sizes whose area is as near to <paramref name="count"/> as whole cells allow the one
    /// nearest to that aspect ratio.
    /// </summary>
    /// <returns>a box at the upper left corner of the grid</returns>
    internal static MaskBox DrawSize(TubeGrid grid, int count, ref CounterRandom random)
    {
        var aspect = Math.Pow(LargestAspect, random.NextDouble(-1, 1));
        var best = default(MaskBox);
        var bestCost = (Missed: double.MaxValue, Beyond: double.MaxValue, Distance: double.MaxValue);
        for (var height = 1; height <= grid.Rows; height++)
            Consider(height, Nearest(count, height, grid.Columns));
        for (var width = 1; width <= grid.Columns; width++)
            Consider(Nearest(count, width, grid.Rows), width);
        return best;

        void Consider(int height, int width)
        {
            var ratio = (double)width / height;
            // Rounding one side to whole cells misses the area by half of the other side at most; what misses it by
            // more was cut off by the frame, and is taken only where the frame leaves nothing better. Next comes the
            // ratio's range, which a narrow frame may forbid, then the ratio itself.
            var missed = Math.Max(Math.Abs(height * width - count) - Math.Max(height, width) / 2.0, 0);
            var beyond = Math.Max(Math.Abs(Math.Log(ratio)) - Math.Log(LargestAspect) - 1e-9, 0);
            var cost = (missed, beyond, Math.Abs(Math.Log(ratio / aspect)));
            if (cost.CompareTo(bestCost) < 0)
                (best, bestCost) = (new MaskBox(0, 0, height, width), cost);
        }
    }

    private static int Nearest(int count, int side, int largest) =>
        Math.Clamp((int)Math.Round((double)count / side), 1, largest);

    /// <summary>The same box, centred as nearly as whole cells allow, and clamped inside the grid.</summary>
    /// <param name="grid">the clip's tubes</param>
    /// <param name="row">centre, in cells from the top edge: the middle of the first row is 0.5</param>
    /// <param name="column">centre, in cells from the left edge</param>
    internal MaskBox CentredAt(TubeGrid grid, double row, double column) => this with
    {
        Row = Math.Clamp((int)Math.Round(row - Height / 2.0), 0, grid.Rows - Height),
        Column = Math.Clamp((int)Math.Round(column - Width / 2.0), 0, grid.Columns - Width),
    };

    /// <summary>
    /// Hides exactly <paramref name="count"/> cells: those of the box, less the ones farthest from its centre or plus
    /// the nearest ones outside it. Cells at equal distance are taken in the order row, column.
    /// </summary>
    /// <param name="grid">the clip's tubes</param>
    /// <param name="count">cells to hide</param>
    /// <param name="slice">[rows × columns], all false before</param>
    internal void Hide(TubeGrid grid, int count, Span<bool> slice)
    {
        // One number a cell, in the order of hiding: inside before outside, then by distance, then by place.
        var order = new long[grid.CellsPerSlice];
        for (var cell = 0; cell < order.Length; cell++)
        {
            var (row, column) = Math.DivRem(cell, grid.Columns);
            // Twice the distance from the centre, so that half cells stay whole numbers and ties exact.
            long y = 2 * (row - Row) + 1 - Height, x = 2 * (column - Column) + 1 - Width;
            order[cell] = (Contains(row, column) ? 0 : Outside) | (y * y + x * x) << CellBits | (long)cell;
        }
        Array.Sort(order);
        foreach (var place in order.AsSpan(0, count))
            slice[(int)(place & ((1L << CellBits) - 1))] = true;
    }
}
