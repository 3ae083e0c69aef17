namespace Sigma.Evaluation.Prototypes;

/// <summary>The colour of a prototype, the same in every picture: a full one, far from those of the numbers beside it.</summary>
internal static class PrototypeColour
{
    private const double GoldenSection = 0.6180339887498949;

    /// <summary>Red (0), green (1) or blue (2), from 0 to 255.</summary>
    public static byte Channel(int prototype, int channel)
    {
        var hue = prototype * GoldenSection % 1 * 6;
        var distance = Math.Abs((hue - 2 * channel + 9) % 6 - 3); // from the hue of the channel, 0 to 3
        return (byte)(255 * Math.Clamp(2 - distance, 0, 1));
    }
}
