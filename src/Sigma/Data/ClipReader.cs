using Sigma.Data.Sets;
using Sigma.Media;

namespace Sigma.Data;

/// <summary>
/// Reads clips of one video. Containers sometimes promise more frames than decode; a clip chosen on the promise that
/// cannot be read is chosen again on the exact number.
/// </summary>
public sealed class ClipReader : IDisposable
{
    /// <summary>Pictures that are more times as long as wide show nothing to learn from, and would take any room once their short side is a clip's.</summary>
    private const int LongestStrip = 50;

    private readonly VideoReader reader;
    private readonly FrameRange? range;

    private ClipReader(VideoReader reader, FrameRange? range)
    {
        (this.reader, this.range) = (reader, range);
        Frames = Within(reader.FrameCount);
    }

    /// <summary>Opens a video.</summary>
    /// <exception cref="MediaException">the file is missing, or no video</exception>
    public static ClipReader Open(string path) => Open(new ManifestEntry(path, null));

    /// <summary>Opens a video of a manifest, of which only the stretch that the manifest names is there to be read.</summary>
    /// <param name="entry">the video</param>
    /// <param name="nvdec">the number of the GPU that decodes what it can; null leaves everything to the CPU</param>
    /// <exception cref="MediaException">the file is missing, or no video, or one of mere strips</exception>
    public static ClipReader Open(ManifestEntry entry, int? nvdec = null)
    {
        var reader = VideoReader.Open(entry.Path, nvdec: nvdec);
        try
        {
            var (width, height) = (reader.Info.Width, reader.Info.Height);
            return Math.Max(width, height) / LongestStrip <= Math.Min(width, height)
                ? new(reader, entry.Frames)
                : throw new MediaException(entry.Path, FormattableString.Invariant($"its pictures of {width}×{height} are strips, more than {LongestStrip} times as long as wide"));
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Size, rate and codec.</summary>
    public VideoInfo Info => reader.Info;

    /// <summary>Frames of the video: by its index, and after a clip could not be read the number that decodes.</summary>
    public int Frames { get; private set; }

    /// <inheritdoc cref="VideoReader.FellBackToCpu"/>
    public bool FellBackToCpu => reader.FellBackToCpu;

    /// <summary>Frames decoded so far.</summary>
    internal long Decoded => reader.Statistics().Decoded;

    /// <summary>Reads one clip.</summary>
    /// <param name="choose">
    /// chooses the T frames of the clip from their number; called again with the exact number where the first choice cannot be read
    /// </param>
    /// <param name="crop">part of the displayed picture; null for all of it</param>
    /// <param name="size">side of the clip, pixels</param>
    /// <param name="clip">[T, size, size, 3], receives the pixels</param>
    /// <param name="motion">receives the motion vectors, in pixels of the clip; null where they are not wanted</param>
    /// <returns>the frames that were read</returns>
    /// <exception cref="MediaException">no frame of the video decodes, or reading fails</exception>
    public int[] Read(Func<int, int[]> choose, CropBox? crop, int size, Span<byte> clip, MotionVectors? motion = null) =>
        Read(choose, crop, size, size, clip, motion);

    /// <summary>Reads frames in another shape than a square.</summary>
    /// <param name="choose">chooses the frames from their number, as above</param>
    /// <param name="crop">part of the displayed picture; null for all of it</param>
    /// <param name="width">of the frames read, pixels</param>
    /// <param name="height">of the frames read, pixels</param>
    /// <param name="rgb">[frames, height, width, 3], receives the pixels</param>
    /// <param name="motion">receives the motion vectors; null where they are not wanted</param>
    /// <returns>the frames that were read</returns>
    /// <exception cref="MediaException">no frame of the video decodes, or reading fails</exception>
    public int[] Read(Func<int, int[]> choose, CropBox? crop, int width, int height, Span<byte> rgb, MotionVectors? motion = null)
    {
        if (Frames == 0)
            Frames = Within(reader.CountFrames());
        if (Frames == 0)
            throw new VideoDecodeException(Info.Path, range is null ? "holds no frame that decodes" : $"ends before frame {range.First}, where what is wanted of it begins", range?.First ?? 0, 0);
        try
        {
            return Read(choose(Frames), crop, width, height, rgb, motion);
        }
        catch (VideoDecodeException e) when (Within(e.FramesDecoded) > 0 && Within(e.FramesDecoded) < Frames)
        {
            Frames = Within(e.FramesDecoded);
            return Read(choose(Frames), crop, width, height, rgb, motion);
        }
    }

    /// <summary>Announces the frames of several clips that will be read, so that each is decoded once.</summary>
    /// <param name="frames">those of all the clips, counted as <see cref="Frames"/> counts</param>
    internal void Keep(int[] frames) => reader.Keep(InFile(frames));

    /// <summary>Closes the video.</summary>
    public void Dispose() => reader.Dispose();

    /// <summary>How many of the first frames of the file belong to the stretch.</summary>
    private int Within(int frames) => range is null ? frames : Math.Max(0, Math.Min(range.Last + 1, frames) - range.First);

    private int[] Read(int[] frames, CropBox? crop, int width, int height, Span<byte> rgb, MotionVectors? motion)
    {
        reader.Read(InFile(frames), crop, width, height, rgb, motion);
        return frames;
    }

    /// <summary>The numbers that frames of the stretch have in the file.</summary>
    private int[] InFile(int[] frames) => range is null ? frames : [.. frames.Select(frame => frame + range.First)];
}
