using Sigma.Media;

namespace Sigma.Data;

/// <summary>
/// The crop of pre-training (Wang et al., "Temporal segment networks", 2016): width and height are each one of four
/// scales of the short side, at most one scale apart, and the box sits at one of thirteen places of a 5 × 5 grid.
/// </summary>
public static class MultiScaleCrop
{
    private const int Divisions = 4;     // the places lie on quarters of the room left and right, above and below
    private const int LargestScaleGap = 1;
    private const int SnapBelow = 3;     // pixels: a side this near to the output is the output's, and not resampled

    private static readonly double[] Scales = [1, 0.875, 0.75, 0.66];

    /// <summary>Columns and rows, in quarters: corners and centre, the middles of the sides, the middles of the quarters.</summary>
    private static readonly (int X, int Y)[] Places =
    [
        (0, 0), (4, 0), (0, 4), (4, 4), (2, 2),
        (0, 2), (4, 2), (2, 4), (2, 0),
        (1, 1), (3, 1), (1, 3), (3, 3),
    ];

    /// <summary>Draws a crop box; every allowed pair of scales and every place is equally likely.</summary>
    /// <param name="width">displayed width of the video, pixels</param>
    /// <param name="height">displayed height of the video, pixels</param>
    /// <param name="size">side of the clip the box will be resized to, pixels</param>
    /// <param name="random">the sample's stream for <see cref="Purpose.Crop"/></param>
    /// <returns>a box of whole pixels inside the picture</returns>
    /// <exception cref="ArgumentOutOfRangeException">a side is not positive</exception>
    public static CropBox Draw(int width, int height, int size, ref CounterRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);

        Span<(int X, int Y)> pairs = stackalloc (int, int)[Scales.Length * Scales.Length];
        var count = 0;
        for (var i = 0; i < Scales.Length; i++)
            for (var j = 0; j < Scales.Length; j++)
                if (Math.Abs(i - j) <= LargestScaleGap)
                    pairs[count++] = (i, j);

        var shortSide = Math.Min(width, height);
        var pair = pairs[random.NextInt(count)];
        var (boxWidth, boxHeight) = (Side(shortSide, Scales[pair.X], size), Side(shortSide, Scales[pair.Y], size));
        var place = Places[random.NextInt(Places.Length)];
        return new CropBox(
            (width - boxWidth) / Divisions * place.X,
            (height - boxHeight) / Divisions * place.Y,
            boxWidth, boxHeight);
    }

    private static int Side(int shortSide, double scale, int size)
    {
        var side = Math.Max((int)(shortSide * scale), 1);
        return Math.Abs(side - size) < SnapBelow && size <= shortSide ? size : side;
    }
}
