using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>
/// A closed shape around its centre, given by how far its edge lies in each direction:
/// radius(θ) = 1 + depth · cos(corners · θ) + wobble · cos(2θ + turn). Depth 0 is a disc.
/// </summary>
/// <param name="Corners">how many lobes</param>
/// <param name="Depth">how deep the bays between them are, a share of the radius</param>
/// <param name="Wobble">how far it is from even, a share of the radius</param>
/// <param name="Turn">where the unevenness lies, radians</param>
internal readonly record struct Outline(int Corners, float Depth, float Wobble, float Turn)
{
    /// <summary>The farthest the edge can lie from the centre.</summary>
    public float Reach => 1 + Depth + Wobble;

    /// <summary>A random shape.</summary>
    public static Outline Draw(ref CounterRandom random) => new(
        3 + random.NextInt(4),
        (float)random.NextDouble(0.05, 0.25),
        (float)random.NextDouble(0, 0.2),
        (float)random.NextDouble(0, Math.Tau));

    /// <summary>How much of a pixel at this place (in radii from the centre) the shape covers: 0 to 1.</summary>
    public float Coverage(Vector2 place, float pixel)
    {
        var angle = MathF.Atan2(place.Y, place.X);
        var edge = 1 + Depth * MathF.Cos(Corners * angle) + Wobble * MathF.Cos(2 * angle + Turn);
        return Patterns.Edge(edge - place.Length(), pixel);
    }
}
