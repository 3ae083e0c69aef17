using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>A plane covered with a pattern in two colours.</summary>
/// <param name="Pattern">the pattern</param>
/// <param name="Period">its period, in the units of the places asked for</param>
/// <param name="Angle">how it is turned, radians</param>
/// <param name="Offset">how it is shifted, in periods</param>
/// <param name="First">first colour, each channel 0 to 1</param>
/// <param name="Second">second colour</param>
/// <param name="Salt">tells one random pattern from another of its kind</param>
internal sealed record Surface(Pattern Pattern, float Period, float Angle, Vector2 Offset, Vector3 First, Vector3 Second, uint Salt)
{
    private readonly Vector2 axis = new Vector2(MathF.Cos(Angle), MathF.Sin(Angle)) / Period;

    /// <summary>The colour at a place, seen through a pixel of this width.</summary>
    public Vector3 Colour(Vector2 place, float pixel)
    {
        var u = place.X * axis.X + place.Y * axis.Y + Offset.X;
        var v = place.Y * axis.X - place.X * axis.Y + Offset.Y;
        return Vector3.Lerp(First, Second, Patterns.At(Pattern, u, v, pixel / Period, Salt));
    }
}
