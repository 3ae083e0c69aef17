using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>Encodes pictures as PNG.</summary>
public static unsafe class PngImage
{
    /// <summary>The bytes of a PNG file.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="rgb">[height, width, 3].</param>
    /// <exception cref="ArgumentException">A size is not positive, or the span does not hold one picture.</exception>
    /// <exception cref="MediaException">FFmpeg cannot encode it.</exception>
    public static byte[] Encode(int width, int height, ReadOnlySpan<byte> rgb)
    {
        PictureFile.Check(width, height, 3, rgb.Length);
        using NativeBytes bytes = default;
        NativeError error;
        fixed (byte* pixels = rgb)
            Errors.ThrowIfFailed(MediaNative.EncodePng(width, height, pixels, &bytes.Pointer, &bytes.Size, &error), error, "picture");
        return bytes.ToArray();
    }

    /// <summary>Writes a PNG file; it appears under its name when it is whole.</summary>
    /// <inheritdoc cref="Encode"/>
    /// <param name="path">Where the picture goes; an existing file is replaced.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="rgb">[height, width, 3].</param>
    public static void Write(string path, int width, int height, ReadOnlySpan<byte> rgb) =>
        PictureFile.Write(path, Encode(width, height, rgb));
}
