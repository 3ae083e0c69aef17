using System.Buffers;

namespace Sigma.Data.Augmentation;

/// <summary>Where an output point comes from: (x, y) from (a·x + b·y + c, d·x + e·y + f), in pixels from the upper left corner.</summary>
internal readonly record struct AffineMap(double A, double B, double C, double D, double E, double F);

/// <summary>Moves the pixels of a frame, bilinearly; what comes from outside is grey.</summary>
internal static class Warp
{
    private const int Channels = 3;
    private const byte Outside = 128;

    /// <summary>Rotates a frame [size, size, 3] about its centre, counter-clockwise, in place.</summary>
    public static void Rotate(Span<byte> frame, int size, double degrees)
    {
        var (sine, cosine) = Math.SinCos(-degrees * Math.PI / 180);
        var centre = size / 2.0;
        Apply(frame, size, new(
            cosine, sine, centre - cosine * centre - sine * centre,
            -sine, cosine, centre + sine * centre - cosine * centre));
    }

    /// <summary>Moves the pixels of a frame [size, size, 3], in place.</summary>
    public static void Apply(Span<byte> frame, int size, AffineMap map)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        var source = buffer.AsSpan(0, frame.Length);
        frame.CopyTo(source);
        var target = 0;
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++, target += Channels)
            {
                var (x, y) = (column + 0.5, row + 0.5);
                Sample(source, size, map.A * x + map.B * y + map.C, map.D * x + map.E * y + map.F, frame.Slice(target, Channels));
            }
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The colour at a point, between the four pixels whose centres are around it.</summary>
    private static void Sample(ReadOnlySpan<byte> source, int size, double x, double y, Span<byte> colour)
    {
        if (!(x >= 0 && x < size && y >= 0 && y < size))
        {
            colour.Fill(Outside);
            return;
        }
        var (left, top) = (Math.Floor(x - 0.5), Math.Floor(y - 0.5));
        var (right, below) = (x - 0.5 - left, y - 0.5 - top);
        var (x0, x1) = (Math.Max((int)left, 0), Math.Min((int)left + 1, size - 1));
        var (y0, y1) = (Math.Max((int)top, 0), Math.Min((int)top + 1, size - 1));
        for (var channel = 0; channel < Channels; channel++)
        {
            var upper = Between(source[(y0 * size + x0) * Channels + channel], source[(y0 * size + x1) * Channels + channel], right);
            var lower = Between(source[(y1 * size + x0) * Channels + channel], source[(y1 * size + x1) * Channels + channel], right);
            colour[channel] = (byte)(Between(upper, lower, below) + 0.5);
        }
    }

    private static double Between(double a, double b, double share) => a + share * (b - a);
}
