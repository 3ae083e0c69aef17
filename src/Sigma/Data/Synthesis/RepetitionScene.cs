using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>A thing that swings to and fro, a known number of times, before a background that stands still.</summary>
/// <param name="Background">the plane behind it, places in pixels</param>
/// <param name="Thing">what swings; its centre is the middle of the swing</param>
/// <param name="Swing">from the middle of the swing to where it begins, pixels</param>
/// <param name="Bounds">frames, from 0: a swing begins at each but the last, at which the last one ends</param>
/// <param name="Frames">of the whole video; before the first bound and after the last the thing rests where it begins</param>
internal sealed record RepetitionScene(Surface Background, Sprite Thing, Vector2 Swing, int[] Bounds, int Frames)
{
    /// <summary>Fewest and most swings.</summary>
    public const int Fewest = 2, Most = 7;

    // Longest swings of 32 frames, shortest of 6: at 16 frames of the stretch, a swing is seen in two at least.
    private const int ShortestStretch = 42, LongestStretch = 64, LongestRest = 12;

    /// <summary>How many times it swings.</summary>
    public int Count => Bounds.Length - 1;

    /// <summary>A random scene.</summary>
    /// <param name="count">how many times the thing swings</param>
    /// <param name="size">height and width of the picture, pixels</param>
    /// <param name="random">the stream to draw from</param>
    public static RepetitionScene Draw(int count, int size, ref CounterRandom random)
    {
        // Something bright before something dark, so that a small network learns it from few videos.
        var (dark, bright) = (Colour(0.1, 0.3, ref random), Colour(0.7, 0.9, ref random));
        var background = new Surface(Pattern.Clouds, 0.3f * size, Angle(ref random), default, dark, dark + new Vector3(0.1f), (uint)random.NextUInt64());
        var surface = new Surface(Pattern.Stripes, 0.6f, Angle(ref random), default, bright, bright + new Vector3(0.1f), (uint)random.NextUInt64());
        var radius = 0.2f * size;
        var (sin, cos) = MathF.SinCos(Angle(ref random));
        var thing = new Sprite(Outline.Draw(ref random), surface)
        {
            SmallestRadius = radius,
            LargestRadius = radius,
            Centre = new Vector2(size / 2f),
            Angle = Angle(ref random),
            Size = 0,
        };
        // The stretch is as long whatever the count, so that its length does not tell it.
        var (start, stretch) = (random.NextInt(LongestRest + 1), ShortestStretch + random.NextInt(LongestStretch - ShortestStretch + 1));
        int[] bounds = [.. Enumerable.Range(0, count + 1).Select(i => start + (int)Math.Round((double)i * stretch / count))];
        return new(background, thing, new Vector2(cos, sin) * 0.16f * size, bounds, bounds[^1] + 1 + random.NextInt(LongestRest + 1));
    }

    /// <summary>Draws one frame.</summary>
    /// <param name="frame">which, from 0</param>
    /// <param name="size">height and width, pixels</param>
    /// <param name="rgb">receives [size, size, 3]</param>
    public void Render(int frame, int size, Span<byte> rgb) =>
        new Scene(Background, [Thing with { Centre = Thing.Centre + MathF.Cos(MathF.Tau * Phase(frame)) * Swing }], default).Render(0, size, rgb);

    /// <summary>How much of a swing is over, 0 to 1.</summary>
    private float Phase(int frame)
    {
        var next = Array.FindIndex(Bounds, bound => bound > frame);
        return next <= 0 ? 0 : (frame - Bounds[next - 1]) / (float)(Bounds[next] - Bounds[next - 1]);
    }

    private static Vector3 Colour(double least, double most, ref CounterRandom random) =>
        new((float)random.NextDouble(least, most), (float)random.NextDouble(least, most), (float)random.NextDouble(least, most));

    private static float Angle(ref CounterRandom random) => (float)random.NextDouble(0, Math.Tau);
}
