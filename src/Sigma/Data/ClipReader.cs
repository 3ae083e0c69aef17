using Sigma.Media;

namespace Sigma.Data;

/// <summary>
/// Reads clips of one video. Containers sometimes promise more frames than decode; a clip chosen on the promise that
/// cannot be read is chosen again on the exact number.
/// </summary>
public sealed class ClipReader : IDisposable
{
    private readonly VideoReader reader;

    private ClipReader(VideoReader reader)
    {
        this.reader = reader;
        Frames = reader.FrameCount;
    }

    /// <summary>Opens a video.</summary>
    /// <exception cref="MediaException">the file is missing, or no video</exception>
    public static ClipReader Open(string path)
    {
        var reader = VideoReader.Open(path);
        try
        {
            return new(reader);
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
            Frames = reader.CountFrames();
        if (Frames == 0)
            throw new VideoDecodeException(Info.Path, "holds no frame that decodes", 0, 0);
        try
        {
            return Read(choose(Frames), crop, width, height, rgb, motion);
        }
        catch (VideoDecodeException e) when (e.FramesDecoded > 0 && e.FramesDecoded < Frames)
        {
            Frames = e.FramesDecoded;
            return Read(choose(Frames), crop, width, height, rgb, motion);
        }
    }

    /// <summary>Closes the video.</summary>
    public void Dispose() => reader.Dispose();

    private int[] Read(int[] frames, CropBox? crop, int width, int height, Span<byte> rgb, MotionVectors? motion)
    {
        reader.Read(frames, crop, width, height, rgb, motion);
        return frames;
    }
}
