namespace Sigma.Data;

/// <summary>Changes clips [T, H, W, 3] of RGB bytes in place.</summary>
internal static class Pixels
{
    private const int Channels = 3;

    /// <summary>Mirrors every row left to right.</summary>
    /// <param name="rgb">[…, width, 3]</param>
    /// <param name="width">pixels of a row</param>
    public static void Mirror(Span<byte> rgb, int width)
    {
        for (var start = 0; start < rgb.Length; start += width * Channels)
        {
            // Reversing the bytes mirrors the pixels and turns RGB to BGR; exchanging R and B in each turns it back.
            var row = rgb.Slice(start, width * Channels);
            row.Reverse();
            for (var i = 0; i < row.Length; i += Channels)
                (row[i], row[i + 2]) = (row[i + 2], row[i]);
        }
    }

    /// <summary>Gives all three channels the luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded.</summary>
    /// <param name="rgb">[…, 3]</param>
    public static void Grey(Span<byte> rgb)
    {
        for (var i = 0; i < rgb.Length; i += Channels)
            rgb.Slice(i, Channels).Fill(Luma(rgb[i], rgb[i + 1], rgb[i + 2]));
    }

    /// <summary>The luma of a colour.</summary>
    public static byte Luma(byte red, byte green, byte blue) =>
        // Weights in 1/65536, which add up to 1: white stays white.
        (byte)((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);
}
