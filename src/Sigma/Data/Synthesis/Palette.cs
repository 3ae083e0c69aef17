using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>Random pairs of colours.</summary>
internal static class Palette
{
    /// <summary>
    /// Two colours around a random mean, apart by a contrast in a random direction of colour space that leans towards
    /// brightness; which of the two is brighter is a matter of chance.
    /// </summary>
    /// <param name="random">the stream to draw from</param>
    /// <param name="contrast">distance of the two, 0 to 1 (1: black to white)</param>
    /// <param name="spread">how far the mean may lie from the middle grey, per channel</param>
    public static (Vector3 First, Vector3 Second) Draw(ref CounterRandom random, float contrast, float spread)
    {
        var mean = new Vector3(0.5f) + spread * new Vector3(Signed(ref random), Signed(ref random), Signed(ref random));
        var direction = Vector3.One + 0.6f * new Vector3(Signed(ref random), Signed(ref random), Signed(ref random));
        var half = (random.NextInt(2) == 0 ? 0.5f : -0.5f) * contrast * direction;
        // Inside the cube both colours keep their distance: the mean gives way, not the contrast.
        var room = Vector3.Abs(half);
        mean = Vector3.Clamp(mean, Vector3.Min(room, new(0.5f)), Vector3.Max(Vector3.One - room, new(0.5f)));
        return (mean - half, mean + half);
    }

    private static float Signed(ref CounterRandom random) => (float)random.NextDouble(-1, 1);
}
