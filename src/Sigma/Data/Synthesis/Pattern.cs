namespace Sigma.Data.Synthesis;

/// <summary>What a surface is covered with: two colours in a repeating (or, for grain, endless random) arrangement.</summary>
internal enum Pattern
{
    Bricks,
    Checks,
    Clouds,
    Crosses,
    Dots,
    Grain,
    Grid,
    Rings,
    Scales,
    Stripes,
    Triangles,
    Waves,
}

/// <summary>The patterns as functions of the plane, with a period of 1 in both directions.</summary>
internal static class Patterns
{
    /// <summary>How much of the second colour stands at (u, v): 0 to 1.</summary>
    /// <param name="pattern">which</param>
    /// <param name="u">place in periods</param>
    /// <param name="v">place in periods</param>
    /// <param name="pixel">width of a pixel in periods, over which edges are softened</param>
    /// <param name="salt">tells one random pattern from another of its kind</param>
    public static float At(Pattern pattern, float u, float v, float pixel, uint salt) => pattern switch
    {
        Pattern.Bricks => Bricks(u, v, pixel),
        Pattern.Checks => Checks(u, v, pixel),
        Pattern.Clouds => Noise(u, v, salt),
        Pattern.Crosses => Cross(Centred(u), Centred(v), pixel),
        Pattern.Dots => Edge(0.36f - Length(Centred(u), Centred(v)), pixel),
        Pattern.Grain => Edge(Noise(2.5f * u, 2.5f * v, salt) - 0.5f, 2.5f * pixel),
        Pattern.Grid => MathF.Max(Edge(0.15f - MathF.Abs(Centred(u)), pixel), Edge(0.15f - MathF.Abs(Centred(v)), pixel)),
        Pattern.Rings => Edge(0.12f - MathF.Abs(Length(Centred(u), Centred(v)) - 0.3f), pixel),
        Pattern.Scales => Scales(u, v, pixel),
        Pattern.Stripes => Edge(0.25f - MathF.Abs(Centred(u)), pixel),
        Pattern.Triangles => Triangle(Centred(u), Centred(v), pixel),
        Pattern.Waves => Edge(0.25f - MathF.Abs(Centred(u + 0.3f * MathF.Sin(MathF.Tau * 0.7f * v))), pixel),
        _ => throw new ArgumentOutOfRangeException(nameof(pattern)),
    };

    /// <summary>How much of a pixel lies inside an edge: 1 from half a pixel inside, 0 from half a pixel outside.</summary>
    public static float Edge(float inside, float pixel) => Math.Clamp(inside / pixel + 0.5f, 0, 1);

    private static float Bricks(float u, float v, float pixel)
    {
        var row = MathF.Floor(2 * v);
        var across = MathF.Abs(Centred(u + 0.25f * (row % 2 == 0 ? 1 : -1)));
        var along = 0.5f * MathF.Abs(Centred(2 * v));
        // Mortar along both kinds of joint; Centred is ±1/2 on a joint.
        return MathF.Max(Edge(across - 0.43f, pixel), Edge(along - 0.18f, pixel));
    }

    private static float Checks(float u, float v, float pixel)
    {
        var across = Edge(0.25f - MathF.Abs(Centred(u)), pixel);
        var along = Edge(0.25f - MathF.Abs(Centred(v)), pixel);
        return across + along - 2 * across * along;
    }

    private static float Cross(float x, float y, float pixel)
    {
        var (far, near) = (MathF.Max(MathF.Abs(x), MathF.Abs(y)), MathF.Min(MathF.Abs(x), MathF.Abs(y)));
        return Edge(MathF.Min(0.42f - far, 0.13f - near), pixel);
    }

    private static float Scales(float u, float v, float pixel)
    {
        // Rows of discs, each row half a disc aside and half over the row before it.
        var row = MathF.Floor(2 * v);
        var y = v - 0.5f * row;
        var x = Centred(u + (row % 2 == 0 ? 0 : 0.5f));
        var radius = Length(x, y);
        if (radius > 0.5f)
            radius = Length(Centred(u + (row % 2 == 0 ? 0.5f : 0)), y + 0.5f);
        return Edge(radius - 0.36f, pixel);
    }

    private static float Triangle(float x, float y, float pixel) =>
        Edge(MathF.Min(y + 0.35f, 0.45f * (0.42f - y - 2 * MathF.Abs(x))), pixel);

    /// <summary>Smooth noise between random values on the whole numbers: 0 to 1, with a mean of 1/2.</summary>
    private static float Noise(float u, float v, uint salt)
    {
        var (x, y) = (MathF.Floor(u), MathF.Floor(v));
        var (a, b) = (Smooth(u - x), Smooth(v - y));
        var (i, j) = ((int)x, (int)y);
        var top = float.Lerp(Lattice(i, j, salt), Lattice(i + 1, j, salt), a);
        var bottom = float.Lerp(Lattice(i, j + 1, salt), Lattice(i + 1, j + 1, salt), a);
        return float.Lerp(top, bottom, b);
    }

    /// <summary>The random value at a whole-numbered place: a multiply-and-shift hash of the place and the salt.</summary>
    private static float Lattice(int x, int y, uint salt)
    {
        var hash = (uint)x * 0x8DA6B343 ^ (uint)y * 0xD8163841 ^ salt;
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6D;
        hash = (hash ^ (hash >> 12)) * 0x297A2D39;
        return (hash ^ (hash >> 15)) * (1f / uint.MaxValue);
    }

    private static float Smooth(float x) => x * x * (3 - 2 * x);

    private static float Length(float x, float y) => MathF.Sqrt(x * x + y * y);

    /// <summary>Distance from the nearest whole number, with its sign: -1/2 to 1/2.</summary>
    private static float Centred(float x) => x - MathF.Floor(x + 0.5f);
}
