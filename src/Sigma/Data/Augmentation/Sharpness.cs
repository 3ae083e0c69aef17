using System.Buffers;

namespace Sigma.Data.Augmentation;

/// <summary>Changes the sharpness of a frame, as PIL's ImageEnhance does.</summary>
internal static class Sharpness
{
    private const int Channels = 3, CentreWeight = 5, Weights = CentreWeight + 8;

    /// <summary>
    /// Mixes a frame [height, width, 3] with a version smoothed by a 3×3 kernel (1 around 5, border untouched), in place: 0 gives
    /// that, 1 the frame, more than 1 a sharper one.
    /// </summary>
    public static void Apply(Span<byte> frame, FrameShape shape, double factor)
    {
        var row = shape.Width * Channels;
        var buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        var source = buffer.AsSpan(0, frame.Length);
        frame.CopyTo(source);
        for (var y = 1; y < shape.Height - 1; y++)
        {
            for (var i = y * row + Channels; i < (y + 1) * row - Channels; i++)
            {
                var sum = (CentreWeight - 1) * source[i];
                for (var line = i - row; line <= i + row; line += row)
                    sum += source[line - Channels] + source[line] + source[line + Channels];
                frame[i] = Tones.Blend((int)(sum / (double)Weights + 0.5), source[i], factor);
            }
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
