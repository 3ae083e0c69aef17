namespace Sigma.Data;

/// <summary>
/// Which frames of a video make a clip, as the loaders published with VideoMAE and SIGMA choose them. A clip is
/// <c>clipFrames</c> frames, <c>stride</c> apart; its span is clipFrames × stride. Frame indices start at 0.
/// </summary>
public static class FrameSampling
{
    /// <summary>
    /// The clip of pre-training. From <paramref name="offset"/> it steps by <paramref name="stride"/> as long as the
    /// step stays before the video's last frame; where it would not, it stays and repeats the frame it is at.
    /// </summary>
    /// <remarks>
    /// The published test compares a position counted from 1 with the number of frames by "less than", so a step never
    /// lands on the last frame.
    /// </remarks>
    /// <param name="videoFrames">frames in the video</param>
    /// <param name="clipFrames">frames in the clip</param>
    /// <param name="stride">frames from one to the next</param>
    /// <param name="offset">first frame, see <see cref="DrawOffset"/></param>
    /// <returns><paramref name="clipFrames"/> indices, never falling</returns>
    /// <exception cref="ArgumentOutOfRangeException">a number is not positive, or the offset is not in the video</exception>
    public static int[] Pretraining(int videoFrames, int clipFrames, int stride, int offset)
    {
        CheckCounts(videoFrames, clipFrames, stride);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, videoFrames);
        var indices = new int[clipFrames];
        var frame = offset;
        for (var i = 0; i < clipFrames; i++)
        {
            indices[i] = frame;
            if ((long)frame + stride < videoFrames - 1)
                frame += stride;
        }
        return indices;
    }

    /// <summary>
    /// The first frame of a pre-training clip: uniform over those from which the whole span fits, 0 where it fits nowhere.
    /// </summary>
    /// <param name="videoFrames">frames in the video</param>
    /// <param name="clipFrames">frames in the clip</param>
    /// <param name="stride">frames from one to the next</param>
    /// <param name="random">the sample's stream for <see cref="Purpose.Frames"/></param>
    /// <param name="packedStride">
    /// of a video packed for a stride that divides the clip's: then clips start at its multiples only; 1 for other videos
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">a number is not positive</exception>
    public static int DrawOffset(int videoFrames, int clipFrames, int stride, ref CounterRandom random, int packedStride = 1)
    {
        var span = Span(videoFrames, clipFrames, stride);
        var step = stride % packedStride == 0 ? packedStride : 1;
        return span < videoFrames ? random.NextInt((int)(videoFrames - span) / step + 1) * step : 0;
    }

    /// <summary>
    /// The first frame of a pre-training clip that begins at one of a few places, spread evenly over those where the whole
    /// span fits; the only one is in the middle.
    /// </summary>
    /// <param name="videoFrames">frames in the video</param>
    /// <param name="clipFrames">frames in the clip</param>
    /// <param name="stride">frames from one to the next</param>
    /// <param name="start">which place, from 0</param>
    /// <param name="starts">how many places there are</param>
    /// <exception cref="ArgumentOutOfRangeException">a number is not positive, or there is no such place</exception>
    public static int OffsetOf(int videoFrames, int clipFrames, int stride, int start, int starts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(start, starts);
        var room = Math.Max(0, videoFrames - Span(videoFrames, clipFrames, stride));
        return (int)(starts == 1 ? room / 2 : room * start / (starts - 1));
    }

    /// <summary>
    /// The clip of fine-tuning and its validation: <paramref name="clipFrames"/> points spread evenly from
    /// <paramref name="end"/> − span to <paramref name="end"/>, both included, each truncated to a frame, and none
    /// beyond end − 1. A video no longer than the span gives its ⌊videoFrames / stride⌋ points spread evenly
    /// over the whole of it, then its last frame until the clip is full.
    /// </summary>
    /// <param name="videoFrames">frames in the video</param>
    /// <param name="clipFrames">frames in the clip</param>
    /// <param name="stride">frames from one to the next</param>
    /// <param name="end">the frame after the clip, see <see cref="DrawEnd"/>; unused where the video is no longer than the span</param>
    /// <returns><paramref name="clipFrames"/> indices, never falling</returns>
    /// <exception cref="ArgumentOutOfRangeException">a number is not positive, or the clip does not end inside the video</exception>
    public static int[] Validation(int videoFrames, int clipFrames, int stride, int? end)
    {
        var span = Span(videoFrames, clipFrames, stride);
        var indices = new int[clipFrames];
        if (videoFrames <= span)
        {
            var points = videoFrames / stride;
            Spread(0, videoFrames, indices.AsSpan(0, points));
            indices.AsSpan(points).Fill(videoFrames - 1);
            return indices;
        }
        if (end is not { } last || last < span || last > videoFrames)
            throw new ArgumentOutOfRangeException(nameof(end), end,
                $"A clip of {clipFrames} frames at stride {stride} ends between {span} and {videoFrames} in a video of {videoFrames} frames.");
        Spread(last - (int)span, last, indices);
        return indices;
    }

    /// <summary>
    /// The end of a clip for <see cref="Validation"/>: uniform from the span to the last frame; null where the video is
    /// no longer than the span and the clip is the whole video.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">a number is not positive</exception>
    public static int? DrawEnd(int videoFrames, int clipFrames, int stride, ref CounterRandom random)
    {
        var span = Span(videoFrames, clipFrames, stride);
        return span < videoFrames ? (int)span + random.NextInt((int)(videoFrames - span)) : null;
    }

    /// <summary>
    /// The frames a multi-view test chooses its clips from: every <paramref name="stride"/>-th of the whole video, the
    /// last of them repeated where they are fewer than a clip.
    /// </summary>
    /// <returns>⌈videoFrames / stride⌉ indices, at least <paramref name="clipFrames"/></returns>
    /// <exception cref="ArgumentOutOfRangeException">a number is not positive</exception>
    public static int[] Test(int videoFrames, int clipFrames, int stride)
    {
        CheckCounts(videoFrames, clipFrames, stride);
        var strided = (videoFrames - 1) / stride + 1;
        var indices = new int[Math.Max(strided, clipFrames)];
        for (var i = 0; i < indices.Length; i++)
            indices[i] = Math.Min(i, strided - 1) * stride;
        return indices;
    }

    /// <summary>Evenly spread points from start to end, both included, truncated and kept before the end.</summary>
    private static void Spread(int start, int end, Span<int> points)
    {
        if (points.Length == 0)
            return;
        // The step is rounded to a double before it is multiplied, as numpy.linspace does it: a point that lies on a
        // frame in exact arithmetic may fall just short of it.
        var step = (end - start) / (double)Math.Max(points.Length - 1, 1);
        for (var i = 0; i < points.Length; i++)
            points[i] = Math.Min((int)(i * step + start), end - 1);
        if (points.Length > 1)
            points[^1] = end - 1;
    }

    private static long Span(int videoFrames, int clipFrames, int stride)
    {
        CheckCounts(videoFrames, clipFrames, stride);
        return (long)clipFrames * stride;
    }

    private static void CheckCounts(int videoFrames, int clipFrames, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(videoFrames);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clipFrames);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
    }
}
