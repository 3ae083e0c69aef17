using Sigma.Evaluation;

namespace Sigma.Masking;

/// <summary>Where the motion of a clip comes from.</summary>
public enum MotionSource
{
    /// <summary>The decoder handed out the vectors that the file was coded with.</summary>
    Codec,

    /// <summary>The codec's decoder hands out none; they were searched between the frames.</summary>
    BlockMatching,

    /// <summary>The codec has vectors, but none of the frames that were read.</summary>
    None,
}

/// <summary>
/// What motion vectors say of a clip, at points spread evenly over every slice: each moves by the mean of all vectors whose
/// block covers it, in pixels of the clip per frame of the video.
/// </summary>
public sealed class ClipMotion
{
    private const int PointsOfTube = 8; // along a side: 2 pixels apart as published
    private const double StillBelow = 0.05; // pixels per frame

    private readonly FlowPoint?[][] slices;

    /// <summary>Reads off the motion of a clip.</summary>
    public ClipMotion(InspectedClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        Clip = clip;
        Spacing = Math.Max(1, clip.Clip.TubeSize / PointsOfTube);
        slices = [.. Enumerable.Range(0, clip.Mask.Grid.Slices).Select(slice => clip.Flow(slice, Spacing))];
        int[] without = [.. Enumerable.Range(0, clip.Frames.Count).Where(frame => !clip.HasVectors(frame))];
        FramesWithout = [.. without.Select(frame => clip.Frames[frame]).Distinct()];
        Source = clip.FromBlockMatching ? MotionSource.BlockMatching : without.Length == clip.Frames.Count ? MotionSource.None : MotionSource.Codec;
        double[] moving = [.. slices.SelectMany(Lengths).Where(length => length >= StillBelow).Order()];
        FullColour = moving.Length > 0 ? Bootstrap.Quantile(moving, 0.95) : 0;
    }

    /// <summary>The clip.</summary>
    public InspectedClip Clip { get; }

    /// <summary>Where the vectors come from.</summary>
    public MotionSource Source { get; }

    /// <summary>
    /// Those frames of the video that have no vectors, neither of their own nor since the frame read before: key frames, frames of an
    /// intra-only codec, B-frames of MPEG-4 (FFmpeg does not keep theirs); of block matching the first, which has none before it.
    /// The motion of the last frame that has some stands for theirs, or of the next.
    /// </summary>
    public IReadOnlyList<int> FramesWithout { get; }

    /// <summary>The 95th percentile of the points that move at all, pixels per frame: where the picture's colours are full.</summary>
    public double FullColour { get; }

    /// <summary>Pixels between two points; the first lies half of that from the edge.</summary>
    internal int Spacing { get; }

    /// <summary>The points of a slice, row by row; null where no block lies.</summary>
    internal ReadOnlySpan<FlowPoint?> Points(int slice) => slices[slice];

    /// <summary>Over the whole clip.</summary>
    public MotionFigures Figures() => Figures(slices);

    /// <summary>Over one slice.</summary>
    public MotionFigures Figures(int slice) => Figures([slices[slice]]);

    private static MotionFigures Figures(FlowPoint?[][] of)
    {
        double[] lengths = [.. of.SelectMany(Lengths).Order()];
        return new(
            (double)lengths.Length / of.Sum(slice => slice.Length),
            lengths.Length > 0 ? Bootstrap.Quantile(lengths, 0.5) : null,
            lengths.Length > 0 ? Bootstrap.Quantile(lengths, 0.95) : null);
    }

    private static IEnumerable<double> Lengths(FlowPoint?[] points) => points.OfType<FlowPoint>().Select(point => point.Length);
}

/// <summary>Figures of motion.</summary>
/// <param name="Covered">Share of the picture over which a block with a vector lies.</param>
/// <param name="Median">Of the motion there, pixels of the clip per frame of the video; null where there is none.</param>
/// <param name="Percentile95">95 % of it moves less, likewise.</param>
public sealed record MotionFigures(double Covered, double? Median, double? Percentile95);
