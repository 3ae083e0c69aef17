using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>
/// A mask of objects as DAVIS and YouTube-VOS keep them: a PNG with a palette, in which each pixel's number, not its
/// colour, says which object it belongs to. A grey PNG of 8 bits is read alike.
/// </summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Numbers">[height, width], 0 for the background.</param>
public sealed unsafe record MaskImage(int Width, int Height, byte[] Numbers)
{
    private const int PaletteColours = 256;
    private static readonly byte[] PalettePixels = MakePalette();

    /// <summary>Red, green and blue of each number: the palette of PASCAL VOC, which the data sets use.</summary>
    public static ReadOnlySpan<byte> Palette => PalettePixels;

    /// <summary>Reads a mask.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="MediaException">It is no PNG, or one of colours; the message names the file.</exception>
    public static MaskImage Read(string path)
    {
        var png = File.ReadAllBytes(path);
        using NativeBytes bytes = default;
        int width, height;
        NativeError error;
        fixed (byte* first = png)
            Errors.ThrowIfFailed(MediaNative.DecodeNumbers(first, (nuint)png.Length, &width, &height, &bytes.Pointer, &bytes.Size, &error), error, path);
        return new(width, height, bytes.ToArray());
    }

    /// <summary>Writes the mask as a PNG with the palette of PASCAL VOC; the file appears under its name when it is whole.</summary>
    /// <exception cref="ArgumentException">The size and the numbers do not fit each other.</exception>
    /// <exception cref="MediaException">FFmpeg cannot encode it.</exception>
    public void Write(string path)
    {
        PictureFile.Check(Width, Height, 1, Numbers.Length);
        using NativeBytes bytes = default;
        NativeError error;
        fixed (byte* numbers = Numbers, palette = PalettePixels)
            Errors.ThrowIfFailed(MediaNative.EncodeNumbers(Width, Height, numbers, palette, &bytes.Pointer, &bytes.Size, &error), error, path);
        PictureFile.Write(path, bytes.ToArray());
    }

    /// <summary>The bits of a number, lowest first, go to red, green and blue in turn, from the highest bit of a colour down.</summary>
    private static byte[] MakePalette()
    {
        var palette = new byte[PaletteColours * 3];
        for (var number = 0; number < PaletteColours; number++)
        {
            for (var bit = 0; bit < 8; bit++)
                palette[number * 3 + bit % 3] |= (byte)((number >> bit & 1) << (7 - bit / 3));
        }
        return palette;
    }
}
