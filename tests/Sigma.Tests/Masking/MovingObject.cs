using Sigma.Data;
using Sigma.Masking;
using Sigma.Media;

namespace Sigma.Tests.Masking;

/// <summary>
/// The vectors of one rectangle crossing a still background, as an encoder would write them: 16×16 blocks, two frames a
/// tube, vectors rounded to quarters of a pixel with a little scatter.
/// </summary>
internal sealed class MovingObject
{
    internal const int Side = 224;
    internal const int Block = 16;

    private readonly MotionVector[][] vectors;

    internal MovingObject(TubeGrid grid, double areaShare, ref CounterRandom random, float panX = 0, float panY = 0)
    {
        var aspect = Math.Pow(2, random.NextDouble(-0.8, 0.8));
        var height = Math.Min(Side * Math.Sqrt(areaShare / aspect), Side);
        var width = Math.Min(Side * Side * areaShare / height, Side);
        var (fromX, toX) = (random.NextDouble() * (Side - width), random.NextDouble() * (Side - width));
        var (fromY, toY) = (random.NextDouble() * (Side - height), random.NextDouble() * (Side - height));
        var frames = 2 * grid.Slices;
        // Never slower than an encoder notices: a little more than a pixel per frame.
        var (dx, dy) = ((toX - fromX) / frames, (toY - fromY) / frames);
        if (double.Hypot(dx, dy) < 1.5)
            (dx, dy) = (1.5, 0);
        Positions = new (double, double, double, double)[frames];
        vectors = new MotionVector[frames][];
        for (var frame = 0; frame < frames; frame++)
        {
            var progress = frame / (frames - 1.0);
            var (x, y) = (fromX + (toX - fromX) * progress, fromY + (toY - fromY) * progress);
            Positions[frame] = (x, y, width, height);
            vectors[frame] = Vectors(x, y, width, height, (float)dx, (float)dy, panX, panY, ref random);
        }
    }

    /// <summary>Left, top, width and height per frame, in pixels.</summary>
    internal (double X, double Y, double Width, double Height)[] Positions { get; }

    internal MotionGrid Motion(TubeGrid grid, bool subtractMedian = false) =>
        MotionGrid.FromVectors(grid, vectors.Length, Side, Side, frame => vectors[frame], subtractMedian);

    private static MotionVector[] Vectors(
        double x, double y, double width, double height, float dx, float dy, float panX, float panY, ref CounterRandom random)
    {
        var blocks = new List<MotionVector>();
        for (var blockY = Block / 2; blockY < Side; blockY += Block)
            for (var blockX = Block / 2; blockX < Side; blockX += Block)
            {
                var inside = blockX >= x && blockX < x + width && blockY >= y && blockY < y + height;
                var (vx, vy) = inside
                    ? (Quarter(dx + random.NextDouble(-0.15, 0.15)), Quarter(dy + random.NextDouble(-0.15, 0.15)))
                    : (0f, 0f);
                blocks.Add(new MotionVector(blockX, blockY, Block, Block, vx + panX, vy + panY));
            }
        return [.. blocks];
    }

    private static float Quarter(double v) => (float)(Math.Round(v * 4) / 4);

    /// <summary>Mean over the slices of intersection over union of the mask's box and the object.</summary>
    internal double OverlapWith(Mask mask)
    {
        var grid = mask.Grid;
        var (cellWidth, cellHeight) = ((double)Side / grid.Columns, (double)Side / grid.Rows);
        return mask.Boxes!.Select((box, slice) =>
        {
            var (x, y, width, height) = Positions[2 * slice];
            var (left, right) = (Math.Max(x, box.Column * cellWidth), Math.Min(x + width, (box.Column + box.Width) * cellWidth));
            var (top, bottom) = (Math.Max(y, box.Row * cellHeight), Math.Min(y + height, (box.Row + box.Height) * cellHeight));
            var both = Math.Max(right - left, 0) * Math.Max(bottom - top, 0);
            return both / (width * height + box.Area * cellWidth * cellHeight - both);
        }).Average();
    }
}
