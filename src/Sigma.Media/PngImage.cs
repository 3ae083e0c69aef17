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
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (rgb.Length != (long)width * height * 3)
            throw new ArgumentException($"a picture of {width}×{height} has {(long)width * height * 3} bytes, not {rgb.Length}", nameof(rgb));
        byte* bytes;
        nuint size;
        NativeError error;
        fixed (byte* pixels = rgb)
            Errors.ThrowIfFailed(MediaNative.EncodePng(width, height, pixels, &bytes, &size, &error), error, "picture");
        try
        {
            return new ReadOnlySpan<byte>(bytes, checked((int)size)).ToArray();
        }
        finally
        {
            MediaNative.FreeBytes(bytes);
        }
    }

    /// <summary>Writes a PNG file; it appears under its name when it is whole.</summary>
    /// <inheritdoc cref="Encode"/>
    /// <param name="path">Where the picture goes; an existing file is replaced.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="rgb">[height, width, 3].</param>
    public static void Write(string path, int width, int height, ReadOnlySpan<byte> rgb)
    {
        byte[] bytes = Encode(width, height, rgb);
        string partial = path + ".partial";
        File.WriteAllBytes(partial, bytes);
        File.Move(partial, path, overwrite: true);
    }
}
