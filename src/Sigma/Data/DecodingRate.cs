using System.Diagnostics;
using Sigma.Media;

namespace Sigma.Data;

/// <summary>How fast one core reads video here.</summary>
public static class DecodingRate
{
    private const int Width = 340, Height = 256, Frames = 32;

    /// <summary>Frames a second of a 340×256 clip that is written for the purpose: decoded and converted to RGB.</summary>
    /// <param name="seconds">How long to try, the writing not counted.</param>
    public static double Measure(double seconds)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "clip.mp4");
        Render(path);
        using var reader = VideoReader.Open(path);
        int[] all = [.. Enumerable.Range(0, Frames)];
        var pixels = new byte[Frames * Width * Height * 3];
        var (watch, read) = (Stopwatch.StartNew(), 0);
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            reader.Read(all, null, Width, Height, pixels);
            read += Frames;
        }
        return read / watch.Elapsed.TotalSeconds;
    }

    /// <summary>A drifting pattern with some grain, so that there is motion and detail to decode.</summary>
    private static void Render(string path)
    {
        using var writer = new VideoWriter(path, Width, Height, 25);
        var frame = new byte[Width * Height * 3];
        var random = new CounterRandom(0, 0, 0, Purpose.Order);
        for (var t = 0; t < Frames; t++)
        {
            for (var i = 0; i < frame.Length; i++)
            {
                var (x, y) = (i / 3 % Width, i / 3 / Width);
                frame[i] = (byte)(128 + 80 * Math.Sin((x + 3 * t) * 0.11 + i % 3) * Math.Cos((y - t) * 0.07) + random.NextInt(12));
            }
            writer.Write(frame);
        }
        writer.Finish();
    }
}
