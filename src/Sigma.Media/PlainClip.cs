using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>
/// Reads a clip the way general video libraries do, as the measure for <see cref="VideoReader"/>: opening, seeking by
/// time, decoding every frame up to the last wanted one, turning those wanted into whole RGB pictures, then cropping and
/// resizing these; on one thread.
/// </summary>
internal static unsafe class PlainClip
{
    /// <summary>Reads frames of a video whose frames are evenly spaced in time.</summary>
    /// <param name="path">the video</param>
    /// <param name="frames">frame numbers, never falling</param>
    /// <param name="crop">the part to take, in whole stored pixels; null takes all</param>
    /// <param name="width">output width in pixels</param>
    /// <param name="height">output height in pixels</param>
    /// <param name="rgb">receives [frames, height, width, 3]</param>
    /// <exception cref="MediaException">the file cannot be read this way</exception>
    public static void Read(string path, ReadOnlySpan<int> frames, CropBox? crop, int width, int height, Span<byte> rgb)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rgb.Length, (long)frames.Length * height * width * 3, nameof(rgb));
        CropBox box = crop ?? default;
        NativeError error;
        fixed (int* first = frames)
        fixed (byte* pixels = rgb)
            Errors.ThrowIfFailed(MediaNative.PlainRead(path, first, frames.Length, &box, width, height, pixels, &error), error, path);
    }

    /// <summary>Makes readers forget what they know of files, as if none had been read before.</summary>
    public static void ForgetFiles() => MediaNative.ForgetFiles();
}
