using Sigma.Media;

namespace Sigma.Masking;

/// <summary>How far each cell moves in one frame, from the motion vectors of its blocks.</summary>
internal static class FrameMotion
{
    /// <summary>
    /// Averages the lengths of the vectors on a grid of rows × columns cells over a picture of width × height pixels.
    /// A vector counts in a cell by the area its block has there; where blocks leave part of a cell bare, that part stands
    /// still. Only the part of a block inside the picture counts, and it does not matter where the vector points to.
    /// </summary>
    /// <param name="vectors">the vectors of one sampled frame (of all frames since the one sampled before)</param>
    /// <param name="subtractMedian">take off the camera's motion: the median vector, weighted by area</param>
    /// <param name="width">pixels of the clip</param>
    /// <param name="height">pixels of the clip</param>
    /// <param name="motion">[rows × columns], receives pixels per frame</param>
    /// <param name="columns">columns of the grid</param>
    /// <returns>false where no block lies in the picture: the motion is unknown and <paramref name="motion"/> is zero</returns>
    internal static bool Average(
        ReadOnlySpan<MotionVector> vectors, bool subtractMedian, int width, int height, Span<float> motion, int columns)
    {
        var blocks = Visible(vectors, width, height);
        motion.Clear();
        if (blocks.Count == 0)
            return false;

        var (panX, panY) = subtractMedian
            ? (Median(blocks, b => b.Vector.Dx), Median(blocks, b => b.Vector.Dy))
            : (0f, 0f);
        var rows = motion.Length / columns;
        var (cellWidth, cellHeight) = ((double)width / columns, (double)height / rows);
        var lengths = new double[motion.Length];
        var areas = new double[motion.Length];
        foreach (var block in blocks)
        {
            var length = double.Hypot(block.Vector.Dx - panX, block.Vector.Dy - panY);
            var lastRow = Math.Min((int)(block.Bottom / cellHeight), rows - 1);
            var lastColumn = Math.Min((int)(block.Right / cellWidth), columns - 1);
            for (var row = (int)(block.Top / cellHeight); row <= lastRow; row++)
                for (var column = (int)(block.Left / cellWidth); column <= lastColumn; column++)
                {
                    var area = Overlap(block.Top, block.Bottom, row, cellHeight) * Overlap(block.Left, block.Right, column, cellWidth);
                    lengths[row * columns + column] += area * length;
                    areas[row * columns + column] += area;
                }
        }
        for (var cell = 0; cell < motion.Length; cell++)
            motion[cell] = (float)(lengths[cell] / Math.Max(areas[cell], cellWidth * cellHeight));
        return true;
    }

    private static double Overlap(double from, double to, int cell, double side) =>
        Math.Max(Math.Min(to, (cell + 1) * side) - Math.Max(from, cell * side), 0);

    private static List<Block> Visible(ReadOnlySpan<MotionVector> vectors, int width, int height)
    {
        var blocks = new List<Block>(vectors.Length);
        foreach (var v in vectors)
        {
            if (!float.IsFinite(v.X + v.Y + v.Width + v.Height + v.Dx + v.Dy))
                continue;
            var block = new Block(
                v,
                Math.Max(v.X - v.Width / 2.0, 0), Math.Max(v.Y - v.Height / 2.0, 0),
                Math.Min(v.X + v.Width / 2.0, width), Math.Min(v.Y + v.Height / 2.0, height));
            if (block.Right > block.Left && block.Bottom > block.Top)
                blocks.Add(block);
        }
        return blocks;
    }

    /// <summary>The smallest value with at least half of the area at or below it.</summary>
    private static float Median(List<Block> blocks, Func<Block, float> value)
    {
        var values = new float[blocks.Count];
        var areas = new double[blocks.Count];
        for (var i = 0; i < values.Length; i++)
            (values[i], areas[i]) = (value(blocks[i]), blocks[i].Area);
        Array.Sort(values, areas);
        var half = areas.Sum() / 2;
        var below = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            below += areas[i];
            if (below >= half)
                return values[i];
        }
        return values[^1];
    }

    /// <summary>A vector and the part of its block inside the picture, pixels.</summary>
    private readonly record struct Block(MotionVector Vector, double Left, double Top, double Right, double Bottom)
    {
        internal double Area => (Right - Left) * (Bottom - Top);
    }
}
