using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Masking;

/// <summary>
/// A box that starts at a random place and wanders (SMM): its velocity is drawn once, changes a little from slice to
/// slice, and turns round at the borders. It looks like the motion of an object without needing any.
/// </summary>
/// <remarks>
/// The idea is the motion-guided masking article's; the speeds and how they change are <i>ours</i>, since no public
/// source settles them.
/// </remarks>
public static class SimulatedMotionMask
{
    private const double LargestSpeed = 0.1;   // of the grid's side per slice, along each axis: 1.4 of 14 cells
    private const double LargestChange = 0.025; // of the grid's side per slice: a quarter of the largest speed

    /// <summary>Draws a mask with a box in every slice.</summary>
    /// <param name="grid">the clip's tubes</param>
    /// <param name="hiddenPerSlice">cells hidden in each slice</param>
    /// <param name="random">the sample's stream for <see cref="Purpose.Mask"/></param>
    /// <exception cref="ArgumentOutOfRangeException">the mask hides nothing or everything</exception>
    public static Mask Draw(TubeGrid grid, int hiddenPerSlice, ref CounterRandom random)
    {
        MaskSampler.CheckHidden(hiddenPerSlice, grid.CellsPerSlice);
        var size = MaskBox.DrawSize(grid, hiddenPerSlice, ref random);
        var rows = new Wanderer(grid.Rows, grid.Rows - size.Height, ref random);
        var columns = new Wanderer(grid.Columns, grid.Columns - size.Width, ref random);

        var cells = new bool[grid.Tubes];
        var boxes = new MaskBox[grid.Slices];
        for (var slice = 0; slice < grid.Slices; slice++)
        {
            boxes[slice] = size with { Row = (int)Math.Round(rows.Position), Column = (int)Math.Round(columns.Position) };
            boxes[slice].Hide(grid, hiddenPerSlice, cells.AsSpan(slice * grid.CellsPerSlice, grid.CellsPerSlice));
            rows.Step(ref random);
            columns.Step(ref random);
        }
        return new Mask(grid, MaskKind.SimulatedMotion, cells, boxes);
    }

    /// <summary>One coordinate of the box's corner, in [0, room] cells.</summary>
    private struct Wanderer
    {
        private readonly double side, room;
        private double velocity;

        internal Wanderer(int side, int room, ref CounterRandom random)
        {
            (this.side, this.room) = (side, room);
            Position = random.NextDouble() * room;
            velocity = random.NextDouble(-LargestSpeed, LargestSpeed) * side;
        }

        internal double Position { get; private set; }

        internal void Step(ref CounterRandom random)
        {
            Position += velocity;
            if (Position < 0 || Position > room)
            {
                Position = Position < 0 ? -Position : 2 * room - Position;
                velocity = -velocity;
            }
            Position = Math.Clamp(Position, 0, room); // where there is less room than speed
            var changed = velocity + random.NextDouble(-LargestChange, LargestChange) * side;
            velocity = Math.Clamp(changed, -LargestSpeed * side, LargestSpeed * side);
        }
    }
}
