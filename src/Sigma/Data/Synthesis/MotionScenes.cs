using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>
/// The scenes of <c>motion-8</c>: three random things, all moving in the way the class says, before a random
/// background, seen by a camera that drifts. Place, angle and size start uniform on circles (what leaves comes back),
/// and every motion is a turn of one of these circles, so each single frame has the same distribution in all classes.
/// </summary>
internal static class MotionScenes
{
    private const int Things = 3;

    /// <summary>The classes, in the order of their numbers.</summary>
    public static readonly string[] Classes = ["anticlockwise", "clockwise", "down", "growing", "left", "right", "shrinking", "up"];

    private static readonly Pattern[] Covers = [Pattern.Bricks, Pattern.Checks, Pattern.Crosses, Pattern.Dots, Pattern.Grain, Pattern.Stripes];

    /// <summary>A random scene of a class.</summary>
    /// <param name="label">number of the class</param>
    /// <param name="size">height and width of the picture, pixels</param>
    /// <param name="random">the stream to draw from</param>
    public static Scene Draw(int label, int size, ref CounterRandom random)
    {
        var drift = Direction(ref random) * (float)random.NextDouble(0, 0.006) * size;
        var (near, far) = Palette.Draw(ref random, (float)random.NextDouble(0.1, 0.3), 0.35f);
        var background = new Surface(Pattern.Clouds, 0.2f * size, Angle(ref random), default, near, far, (uint)random.NextUInt64());
        var things = new Sprite[Things];
        for (var i = 0; i < Things; i++)
            things[i] = Move(Thing(size, ref random), Classes[label], size, ref random);
        return new Scene(background, things, drift);
    }

    private static Sprite Thing(int size, ref CounterRandom random)
    {
        var (first, second) = Palette.Draw(ref random, (float)random.NextDouble(0.3, 0.6), 0.35f);
        var offset = new Vector2((float)random.NextDouble(), (float)random.NextDouble());
        var surface = new Surface(
            Covers[random.NextInt(Covers.Length)], (float)random.NextDouble(0.4, 0.8), Angle(ref random), offset, first, second, (uint)random.NextUInt64());
        return new Sprite(Outline.Draw(ref random), surface)
        {
            SmallestRadius = 0.1f * size,
            LargestRadius = 0.3f * size,
            Centre = size * new Vector2((float)random.NextDouble(), (float)random.NextDouble()),
            Angle = Angle(ref random),
            Size = (float)random.NextDouble(),
        };
    }

    /// <summary>The thing set in motion: speeds vary by half around 2 % of the frame, 4 degrees, or 3 % of the way from smallest to largest, per frame.</summary>
    private static Sprite Move(Sprite thing, string motion, int size, ref CounterRandom random)
    {
        var speed = (float)random.NextDouble(0.75, 1.25);
        var (step, turn, growth) = (0.02f * size * speed, 0.07f * speed, 0.03f * speed);
        return motion switch
        {
            "left" => thing with { Velocity = new(-step, 0) },
            "right" => thing with { Velocity = new(step, 0) },
            "up" => thing with { Velocity = new(0, -step) },
            "down" => thing with { Velocity = new(0, step) },
            "clockwise" => thing with { Spin = turn },
            "anticlockwise" => thing with { Spin = -turn },
            "growing" => thing with { Growth = growth },
            _ => thing with { Growth = -growth },
        };
    }

    private static float Angle(ref CounterRandom random) => (float)random.NextDouble(0, Math.Tau);

    private static Vector2 Direction(ref CounterRandom random)
    {
        var (sin, cos) = Math.SinCos(random.NextDouble(0, Math.Tau));
        return new((float)cos, (float)sin);
    }
}
