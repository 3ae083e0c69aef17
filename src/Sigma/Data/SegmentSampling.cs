namespace Sigma.Data;

/// <summary>
/// Frames of a clip from all over a video, one of each of T equal segments (Wang et al., "Temporal segment networks", 2016),
/// as the loader published with VideoMAE for Something-Something chooses them. Frame indices start at 0.
/// </summary>
public static class SegmentSampling
{
    /// <summary>
    /// A clip of training: the i-th frame is uniform among the ⌊videoFrames / clipFrames⌋ frames of the i-th segment. A video
    /// of fewer frames than the clip repeats frames, all of them seen (the published loader repeats the first).
    /// </summary>
    /// <param name="videoFrames">frames in the video</param>
    /// <param name="clipFrames">frames in the clip</param>
    /// <param name="random">the clip's stream for <see cref="Purpose.Frames"/></param>
    /// <returns><paramref name="clipFrames"/> indices, never falling</returns>
    /// <exception cref="ArgumentOutOfRangeException">a number is not positive</exception>
    public static int[] Training(int videoFrames, int clipFrames, ref CounterRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(videoFrames);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clipFrames);
        var length = videoFrames / clipFrames;
        if (length == 0)
            return View(videoFrames, clipFrames, 0, 1);
        var indices = new int[clipFrames];
        for (var i = 0; i < clipFrames; i++)
            indices[i] = i * length + random.NextInt(length);
        return indices;
    }

    /// <summary>
    /// View v of V of a test: with t = videoFrames / clipFrames, frame x is int(t·v / V + t·x), so two views take the
    /// beginnings and the middles of the segments, as published. A single view takes the middles.
    /// </summary>
    /// <returns><paramref name="clipFrames"/> indices, never falling</returns>
    /// <exception cref="ArgumentOutOfRangeException">a number is not positive, or there is no such view</exception>
    public static int[] View(int videoFrames, int clipFrames, int view, int views)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(videoFrames);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clipFrames);
        ArgumentOutOfRangeException.ThrowIfNegative(view);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(view, views);
        var tick = videoFrames / (double)clipFrames;
        var offset = views == 1 ? tick / 2 : tick * view / views;
        var indices = new int[clipFrames];
        for (var x = 0; x < clipFrames; x++)
            indices[x] = Math.Min((int)(offset + tick * x), videoFrames - 1);
        return indices;
    }
}
