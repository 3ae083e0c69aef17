using System.Buffers;

namespace Sigma.Data.Augmentation;

/// <summary>The shape of frames whose pixels may stand for a picture that was stretched when it was read.</summary>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Stretch">How many times more pixels stand for a length along the width than along the height.</param>
internal readonly record struct FrameShape(int Width, int Height, double Stretch = 1)
{
    /// <summary>Bytes of a frame [height, width, 3].</summary>
    public int Bytes => Width * Height * 3;
}

/// <summary>Where an output point comes from: (x, y) from (a·x + b·y + c, d·x + e·y + f), in pixels from the upper left corner.</summary>
internal readonly record struct AffineMap(double A, double B, double C, double D, double E, double F);

/// <summary>Moves the pixels of a frame, bilinearly; what comes from outside is grey.</summary>
internal static class Warp
{
    private const int Channels = 3;
    private const byte Outside = 128;

    /// <summary>Rotates a frame [height, width, 3] about its centre, counter-clockwise, in place; what it shows is not bent by its stretch.</summary>
    public static void Rotate(Span<byte> frame, FrameShape shape, double degrees)
    {
        var (sine, cosine) = Math.SinCos(-degrees * Math.PI / 180);
        var (across, down) = (sine * shape.Stretch, -sine / shape.Stretch);
        var (x, y) = (shape.Width / 2.0, shape.Height / 2.0);
        Apply(frame, shape, new(cosine, across, x - cosine * x - across * y, down, cosine, y - down * x - cosine * y));
    }

    /// <summary>Moves the pixels of a frame [height, width, 3], in place.</summary>
    public static void Apply(Span<byte> frame, FrameShape shape, AffineMap map)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        var source = buffer.AsSpan(0, frame.Length);
        frame.CopyTo(source);
        var target = 0;
        for (var row = 0; row < shape.Height; row++)
        {
            for (var column = 0; column < shape.Width; column++, target += Channels)
            {
                var (x, y) = (column + 0.5, row + 0.5);
                Sample(source, shape, map.A * x + map.B * y + map.C, map.D * x + map.E * y + map.F, frame.Slice(target, Channels));
            }
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The colour at a point, between the four pixels whose centres are around it.</summary>
    private static void Sample(ReadOnlySpan<byte> source, FrameShape shape, double x, double y, Span<byte> colour)
    {
        var width = shape.Width;
        if (!(x >= 0 && x < width && y >= 0 && y < shape.Height))
        {
            colour.Fill(Outside);
            return;
        }
        var (left, top) = (Math.Floor(x - 0.5), Math.Floor(y - 0.5));
        var (right, below) = (x - 0.5 - left, y - 0.5 - top);
        var (x0, x1) = (Math.Max((int)left, 0), Math.Min((int)left + 1, width - 1));
        var (y0, y1) = (Math.Max((int)top, 0), Math.Min((int)top + 1, shape.Height - 1));
        for (var channel = 0; channel < Channels; channel++)
        {
            var upper = Between(source[(y0 * width + x0) * Channels + channel], source[(y0 * width + x1) * Channels + channel], right);
            var lower = Between(source[(y1 * width + x0) * Channels + channel], source[(y1 * width + x1) * Channels + channel], right);
            colour[channel] = (byte)(Between(upper, lower, below) + 0.5);
        }
    }

    private static double Between(double a, double b, double share) => a + share * (b - a);
}
