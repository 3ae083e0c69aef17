namespace Sigma.Data.Augmentation;

/// <summary>Changes the tones of a frame [H, W, 3] of RGB bytes in place, as PIL's ImageOps and ImageEnhance do.</summary>
internal static class Tones
{
    private const int Channels = 3, Levels = 256;

    /// <summary>Every value becomes another, truncated to a byte.</summary>
    public static void Map(Span<byte> frame, Func<int, double> tone)
    {
        Span<byte> table = stackalloc byte[Levels];
        for (var value = 0; value < Levels; value++)
            table[value] = (byte)Math.Clamp(tone(value), 0, 255);
        foreach (ref var value in frame)
            value = table[value];
    }

    /// <summary>Keeps the highest bits of every value.</summary>
    public static void Posterise(Span<byte> frame, int bits)
    {
        var mask = bits >= 8 ? 255 : 256 - (1 << (8 - bits));
        Map(frame, value => value & mask);
    }

    /// <summary>Stretches each channel so that its darkest value becomes 0 and its brightest 255.</summary>
    public static void AutoContrast(Span<byte> frame)
    {
        Span<byte> table = stackalloc byte[Levels];
        for (var channel = 0; channel < Channels; channel++)
        {
            var (low, high) = (255, 0);
            for (var i = channel; i < frame.Length; i += Channels)
                (low, high) = (Math.Min(low, frame[i]), Math.Max(high, frame[i]));
            if (high <= low)
                continue;
            var scale = 255.0 / (high - low);
            for (var value = 0; value < Levels; value++)
                table[value] = (byte)Math.Clamp(value * scale - low * scale, 0, 255);
            Map(frame, channel, table);
        }
    }

    /// <summary>Spreads each channel's values so that they are as evenly used as possible.</summary>
    public static void Equalise(Span<byte> frame)
    {
        Span<int> histogram = stackalloc int[Levels];
        Span<byte> table = stackalloc byte[Levels];
        for (var channel = 0; channel < Channels; channel++)
        {
            histogram.Clear();
            for (var i = channel; i < frame.Length; i += Channels)
                histogram[frame[i]]++;
            var brightest = histogram.LastIndexOfAnyExcept(0);
            var step = (frame.Length / Channels - histogram[brightest]) / 255;
            if (step == 0)
                continue;
            var sum = step / 2;
            for (var value = 0; value < Levels; value++)
            {
                table[value] = (byte)Math.Min(sum / step, 255);
                sum += histogram[value];
            }
            Map(frame, channel, table);
        }
    }

    /// <summary>Mixes the frame with its mean grey: 0 gives that grey, 1 the frame, more than 1 more contrast.</summary>
    public static void Contrast(Span<byte> frame, double factor)
    {
        long sum = 0;
        for (var i = 0; i < frame.Length; i += Channels)
            sum += Pixels.Luma(frame[i], frame[i + 1], frame[i + 2]);
        var mean = (int)(sum / (double)(frame.Length / Channels) + 0.5);
        Map(frame, value => mean + factor * (value - mean));
    }

    /// <summary>Mixes the frame with its grey version: 0 gives that, 1 the frame, more than 1 stronger colours.</summary>
    public static void Colour(Span<byte> frame, double factor)
    {
        for (var i = 0; i < frame.Length; i += Channels)
        {
            var luma = Pixels.Luma(frame[i], frame[i + 1], frame[i + 2]);
            for (var channel = 0; channel < Channels; channel++)
                frame[i + channel] = Blend(luma, frame[i + channel], factor);
        }
    }

    /// <summary>from + factor · (to − from), truncated to a byte.</summary>
    public static byte Blend(int from, int to, double factor) => (byte)Math.Clamp(from + factor * (to - from), 0, 255);

    private static void Map(Span<byte> frame, int channel, ReadOnlySpan<byte> table)
    {
        for (var i = channel; i < frame.Length; i += Channels)
            frame[i] = table[frame[i]];
    }
}
