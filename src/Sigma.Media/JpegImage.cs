using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>Writes pictures as JPEG, their colours in full resolution. (Any JPEG is read by a <see cref="VideoReader"/>, as a video of one frame.)</summary>
public static unsafe class JpegImage
{
    // FFmpeg's best: a few grey levels off at most.
    private const int Quantiser = 2;

    /// <summary>Writes a JPEG file; it appears under its name when it is whole.</summary>
    /// <param name="path">Where the picture goes; an existing file is replaced.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="rgb">[height, width, 3].</param>
    /// <exception cref="ArgumentException">A size is not positive, or the span does not hold one picture.</exception>
    /// <exception cref="MediaException">FFmpeg cannot encode it.</exception>
    public static void Write(string path, int width, int height, ReadOnlySpan<byte> rgb)
    {
        PictureFile.Check(width, height, 3, rgb.Length);
        using NativeBytes bytes = default;
        NativeError error;
        fixed (byte* pixels = rgb)
            Errors.ThrowIfFailed(MediaNative.EncodeJpeg(width, height, pixels, Quantiser, &bytes.Pointer, &bytes.Size, &error), error, path);
        PictureFile.Write(path, bytes.ToArray());
    }
}
