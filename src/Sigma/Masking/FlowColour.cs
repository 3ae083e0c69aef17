namespace Sigma.Masking;

/// <summary>
/// The colour wheel of optical flow (Baker et al. 2011, the Middlebury benchmark): the hue is the direction, red to the right,
/// yellow down, blue-green to the left, violet up; white stands still, and the colour is full at the length that was chosen.
/// What is longer is darker.
/// </summary>
internal static class FlowColour
{
    private const double Beyond = 0.75;

    // Where on the wheel of 55 steps each pure colour stands: eyes tell more reds from yellows than greens from cyans.
    private static readonly (int At, double Red, double Green, double Blue)[] Pure =
    [
        (0, 1, 0, 0), (15, 1, 1, 0), (21, 0, 1, 0), (25, 0, 1, 1), (36, 0, 0, 1), (49, 1, 0, 1), (55, 1, 0, 0),
    ];

    /// <summary>The colour of a displacement.</summary>
    /// <param name="dx">to the right</param>
    /// <param name="dy">downwards</param>
    /// <param name="full">the length at which the colour is full; 0 where nothing moves</param>
    public static Colour Of(double dx, double dy, double full)
    {
        var length = full > 0 ? double.Hypot(dx, dy) / full : 0;
        var at = (Math.Atan2(-dy, -dx) / Math.PI + 1) / 2 * Pure[^1].At % Pure[^1].At; // 0 to the right, rising clockwise
        var next = Array.FindIndex(Pure, colour => colour.At > at);
        var (before, after) = (Pure[next - 1], Pure[next]);
        var part = (at - before.At) / (after.At - before.At);
        return new(
            Channel(before.Red + part * (after.Red - before.Red)),
            Channel(before.Green + part * (after.Green - before.Green)),
            Channel(before.Blue + part * (after.Blue - before.Blue)));

        byte Channel(double pure) => (byte)Math.Round(255 * (length <= 1 ? 1 - length * (1 - pure) : Beyond * pure));
    }
}
