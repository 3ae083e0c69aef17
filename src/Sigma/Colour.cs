namespace Sigma;

/// <summary>A colour of a pixel.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
internal readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    public static Colour White => new(255, 255, 255);

    /// <summary>A grey of a share of the whole brightness.</summary>
    /// <param name="brightness">0 (black) to 1 (white); beyond, the nearest.</param>
    public static Colour Grey(double brightness)
    {
        var level = (byte)Math.Round(255 * Math.Clamp(brightness, 0, 1));
        return new(level, level, level);
    }
}
