using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>
/// The scenes of <c>demo</c>: a material that glides past the camera. The class is the material; its colours, contrast,
/// place, turn, scale and motion are a matter of chance, alike in all classes, so that neither the mean colour nor the
/// contrast nor a place in the picture tells the class.
/// </summary>
internal sealed record MaterialScenes
{
    private static readonly Pattern[] Materials =
    [
        Pattern.Bricks, Pattern.Checks, Pattern.Crosses, Pattern.Dots, Pattern.Grain,
        Pattern.Rings, Pattern.Scales, Pattern.Stripes, Pattern.Triangles, Pattern.Waves,
    ];

    /// <summary>The classes, in the order of their numbers.</summary>
    public static readonly string[] Classes = [.. Materials.Select(material => material.ToString().ToLowerInvariant())];

    /// <summary>Smallest and largest period of a material, a share of the frame.</summary>
    public (double Low, double High) Period { get; init; } = (0.18, 0.26);

    /// <summary>Smallest and largest contrast, 1 being black to white; drawn in equal ratios.</summary>
    public (double Low, double High) Contrast { get; init; } = (0.15, 0.6);

    /// <summary>How far the mean of each colour channel may lie from the middle.</summary>
    public double Spread { get; init; } = 0.35;

    /// <summary>How far a material may be turned either way, radians.</summary>
    public double Turn { get; init; } = 0.2;

    /// <summary>Fastest motion, in frames' widths per frame.</summary>
    public double Speed { get; init; } = 0.025;

    /// <summary>A random scene of a class.</summary>
    /// <param name="label">number of the class</param>
    /// <param name="size">height and width of the picture, pixels</param>
    /// <param name="random">the stream to draw from</param>
    public Scene Draw(int label, int size, ref CounterRandom random)
    {
        var contrast = Contrast.Low * Math.Pow(Contrast.High / Contrast.Low, random.NextDouble());
        var (first, second) = Palette.Draw(ref random, (float)contrast, (float)Spread);
        // The pattern is always lighter than its ground: which of the two is lighter would otherwise be the first thing to
        // predict about a hidden tube, and a few minutes of training learn little else.
        if (Vector3.Dot(second - first, Vector3.One) < 0)
            (first, second) = (second, first);
        var offset = new Vector2((float)random.NextDouble(), (float)random.NextDouble());
        var period = size * (float)random.NextDouble(Period.Low, Period.High);
        var turn = (float)random.NextDouble(-Turn, Turn);
        var material = new Surface(Materials[label], period, turn, offset, first, second, (uint)random.NextUInt64());
        var (down, across) = Math.SinCos(random.NextDouble(0, Math.Tau));
        var drift = (float)(size * Speed * random.NextDouble()) * new Vector2((float)across, (float)down);
        return new Scene(material, [], drift);
    }
}
