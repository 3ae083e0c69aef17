using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Data;

/// <summary>One clip of every video of a manifest: the middle of the video, the whole picture or its middle square.</summary>
/// <param name="manifest">the videos</param>
/// <param name="clip">
/// frames, stride and size; a multi-scale crop stands for the middle square of the picture, resize for the whole
/// </param>
/// <param name="batch">clips of a batch</param>
/// <param name="workers">threads that decode; 0 for as many as there are cores</param>
/// <exception cref="ArgumentOutOfRangeException">a number is too small</exception>
public sealed class EvaluationClips(Manifest manifest, ClipRecipe clip, int batch, int workers = 0)
    : ManifestClips(manifest, batch, clips: 1, clip.Frames, clip.Size, workers)
{
    /// <summary>
    /// The frames of the middle clip: the span of frames × stride in the middle of the video, sampled as for validation;
    /// the whole video where it is no longer.
    /// </summary>
    internal static int[] MiddleFrames(int videoFrames, ClipRecipe clip)
    {
        var span = (long)clip.Frames * clip.Stride;
        int? end = videoFrames > span ? (int)((videoFrames - span) / 2 + span) : null;
        return FrameSampling.Validation(videoFrames, clip.Frames, clip.Stride, end);
    }

    /// <summary>The middle square of the displayed picture.</summary>
    internal static CropBox MiddleSquare(VideoInfo info)
    {
        var side = Math.Min(info.Width, info.Height);
        return new((info.Width - side) / 2, (info.Height - side) / 2, side, side);
    }

    private protected override void Read(ClipReader video, Span<byte> pixels) =>
        video.Read(frames => MiddleFrames(frames, clip), clip.Crop == CropKind.Resize ? null : MiddleSquare(video.Info), clip.Size, pixels);
}
