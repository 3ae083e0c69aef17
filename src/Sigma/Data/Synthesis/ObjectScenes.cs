using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>Scenes of two or three things, each of a material and colours of its own, that move their own ways before a background.</summary>
internal static class ObjectScenes
{
    private static readonly Pattern[] Covers = [Pattern.Bricks, Pattern.Checks, Pattern.Crosses, Pattern.Dots, Pattern.Grain, Pattern.Stripes];

    /// <summary>A random scene.</summary>
    /// <param name="size">height and width of the picture, pixels</param>
    /// <param name="random">the stream to draw from</param>
    public static Scene Draw(int size, ref CounterRandom random)
    {
        var (near, far) = Palette.Draw(ref random, (float)random.NextDouble(0.1, 0.2), 0.2f);
        var background = new Surface(Pattern.Clouds, 0.2f * size, Angle(ref random), default, near, far, (uint)random.NextUInt64());
        var things = new Sprite[2 + random.NextInt(2)];
        var covers = Enumerable.Range(0, Covers.Length).ToArray();
        random.Shuffle(covers);
        // Spread over the picture, so that they are seen before they meet.
        var turn = Angle(ref random);
        for (var i = 0; i < things.Length; i++)
            things[i] = Thing(size, Covers[covers[i]], turn + MathF.Tau * i / things.Length, ref random);
        return new Scene(background, things, Direction(Angle(ref random)) * 0.002f * size);
    }

    private static Sprite Thing(int size, Pattern cover, float place, ref CounterRandom random)
    {
        var (first, second) = Palette.Draw(ref random, (float)random.NextDouble(0.3, 0.6), 0.4f);
        var surface = new Surface(cover, (float)random.NextDouble(0.3, 0.6), Angle(ref random), default, first, second, (uint)random.NextUInt64());
        var radius = (float)random.NextDouble(0.14, 0.22) * size;
        return new Sprite(Outline.Draw(ref random), surface)
        {
            SmallestRadius = radius,
            LargestRadius = radius,
            Centre = new Vector2(size / 2f) + Direction(place) * 0.27f * size,
            Velocity = Direction(Angle(ref random)) * (float)random.NextDouble(0.004, 0.012) * size,
            Angle = Angle(ref random),
            Spin = (float)random.NextDouble(-0.04, 0.04),
            Size = 0,
        };
    }

    private static float Angle(ref CounterRandom random) => (float)random.NextDouble(0, Math.Tau);

    private static Vector2 Direction(float angle) => new(MathF.Cos(angle), MathF.Sin(angle));
}
