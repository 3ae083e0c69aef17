using Sigma.Media;

namespace Sigma.Masking;

/// <summary>How far each tube of a clip moves: displacement per frame, averaged over its cell and added over its frames.</summary>
public sealed class MotionGrid
{
    // A thousandth of a pixel is no motion of any codec, only rounding on the way through crop and resize.
    private const float StillBelow = 1e-3f;

    private readonly float[] motion;

    private MotionGrid(TubeGrid grid, float[] motion)
    {
        Grid = grid;
        this.motion = motion;
    }

    /// <summary>The vectors of one sampled frame: of all frames after the one sampled before, up to it.</summary>
    public delegate ReadOnlySpan<MotionVector> VectorsOfFrame(int frame);

    /// <summary>The tubes of the clip.</summary>
    public TubeGrid Grid { get; }

    /// <summary>[N], pixels per frame added over the frames of a tube, in the order time, row, column.</summary>
    public ReadOnlySpan<float> Motion => motion;

    /// <summary>[rows × columns] of one slice, pixels per frame added over the frames of a tube.</summary>
    /// <exception cref="ArgumentOutOfRangeException">no such slice</exception>
    public ReadOnlySpan<float> Slice(int slice) => motion.AsSpan(slice * Grid.CellsPerSlice, Grid.CellsPerSlice);

    /// <summary>True where something moves in the slice.</summary>
    public bool Moves(int slice) => Slice(slice).ContainsAnyExceptInRange(0, StillBelow);

    /// <summary>
    /// Reads the motion of a clip from motion vectors. A frame without vectors in the picture (a key frame, or a frame
    /// repeated at the end of a short video) takes the motion of the last frame that has some; those before the first such
    /// frame take its motion.
    /// </summary>
    /// <param name="grid">the clip's tubes</param>
    /// <param name="frames">frames of the clip T, a multiple of the grid's slices</param>
    /// <param name="width">pixels of the clip</param>
    /// <param name="height">pixels of the clip</param>
    /// <param name="vectorsOfFrame">the vectors, in pixels of the clip</param>
    /// <param name="subtractMedian">take the median vector off each frame, which removes the camera's motion</param>
    /// <exception cref="ArgumentException">the frames cannot be cut into tubes, or the picture has no size</exception>
    public static MotionGrid FromVectors(
        TubeGrid grid, int frames, int width, int height, VectorsOfFrame vectorsOfFrame, bool subtractMedian)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (frames <= 0 || frames % grid.Slices != 0)
            throw new ArgumentException($"{frames} frames cannot be cut into {grid.Slices} slices of equal length.", nameof(frames));

        var known = new float[]?[frames];
        for (var frame = 0; frame < frames; frame++)
        {
            var field = new float[grid.CellsPerSlice];
            if (FrameMotion.Average(vectorsOfFrame(frame), subtractMedian, width, height, field, grid.Columns))
                known[frame] = field;
        }

        var motion = new float[grid.Tubes];
        var last = Array.Find(known, field => field is not null);
        if (last is null)
            return new MotionGrid(grid, motion);
        for (var frame = 0; frame < frames; frame++)
        {
            last = known[frame] ?? last;
            var slice = motion.AsSpan(frame / (frames / grid.Slices) * grid.CellsPerSlice, grid.CellsPerSlice);
            for (var cell = 0; cell < slice.Length; cell++)
                slice[cell] += last[cell];
        }
        return new MotionGrid(grid, motion);
    }

    /// <summary>The motion of the clip mirrored left to right.</summary>
    public MotionGrid Mirrored()
    {
        var mirrored = (float[])motion.Clone();
        for (var row = 0; row < mirrored.Length; row += Grid.Columns)
            mirrored.AsSpan(row, Grid.Columns).Reverse();
        return new MotionGrid(Grid, mirrored);
    }
}
