using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Data;

/// <summary>
/// The views of the published multi-view test: the short side is resized to the clip's size, squares are cut out along the
/// long side, and clips are taken from all along the video. The middle stands for a single segment or crop.
/// </summary>
/// <param name="clip">Shape, sampling and stride of the clips.</param>
/// <param name="segments">Clips along the time.</param>
/// <param name="crops">Squares along the long side.</param>
public sealed class TestViews(LabelledClipRecipe clip, int segments, int crops)
{
    /// <summary>Clips along the time.</summary>
    public int Segments => segments;

    /// <summary>Squares along the long side.</summary>
    public int Crops => crops;

    /// <summary>Views of a video: segments × crops, all crops of the first segment first.</summary>
    public int Count => segments * crops;

    /// <summary>The shape of a view.</summary>
    public LabelledClipRecipe Clip => clip;

    /// <summary>
    /// The frames of each segment. Dense: clip i of S starts at int(i · max((n − T) / (S − 1), 0)) among the n strided frames.
    /// </summary>
    /// <param name="videoFrames">frames in the video</param>
    /// <returns>[segments][T]</returns>
    public int[][] Frames(int videoFrames)
    {
        if (clip.Sampling == SamplingKind.Segments)
            return [.. Enumerable.Range(0, segments).Select(s => SegmentSampling.View(videoFrames, clip.Frames, s, segments))];
        var strided = FrameSampling.Test(videoFrames, clip.Frames, clip.Stride);
        return [.. Starts(strided.Length - clip.Frames, segments).Select(start => strided[start..(start + clip.Frames)])];
    }

    /// <summary>Width and height that a displayed picture is resized to before it is cut, pixels.</summary>
    public (int Width, int Height) Resized(VideoInfo video) => video.Width < video.Height
        ? (clip.Size, (int)((long)clip.Size * video.Height / video.Width))
        : ((int)((long)clip.Size * video.Width / video.Height), clip.Size);

    /// <summary>The upper left corners of the squares in a resized picture: the j-th of C at int(j · (long − size) / (C − 1)).</summary>
    public IReadOnlyList<(int X, int Y)> Corners(int width, int height) =>
        [.. Starts(Math.Max(width, height) - clip.Size, crops).Select(start => width > height ? (start, 0) : (0, start))];

    /// <summary>Starts spread over the room there is, both ends included; the middle of it for a single one.</summary>
    private static IEnumerable<int> Starts(int room, int count)
    {
        var step = (double)room / Math.Max(count - 1, 1);
        return count == 1 ? [room / 2] : Enumerable.Range(0, count).Select(i => (int)(i * step));
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Segments} × {Crops} of {Clip}");
}
