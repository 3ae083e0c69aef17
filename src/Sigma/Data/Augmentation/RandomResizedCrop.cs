using Sigma.Media;

namespace Sigma.Data.Augmentation;

/// <summary>
/// A random part of the picture that is resized to the clip (Szegedy et al. 2015): its share of the area is uniform, its
/// aspect uniform on a logarithmic scale from 3/4 to 4/3.
/// </summary>
public static class RandomResizedCrop
{
    private const int Tries = 10;
    private const double LeastAspect = 3.0 / 4, MostAspect = 4.0 / 3;

    /// <summary>
    /// Draws a crop box. Where ten draws do not fit, it is the largest centred box of an allowed aspect.
    /// </summary>
    /// <param name="width">displayed width of the video, pixels</param>
    /// <param name="height">displayed height of the video, pixels</param>
    /// <param name="leastArea">least share of the picture, in (0, 1]</param>
    /// <param name="random">the clip's stream for <see cref="Purpose.Crop"/></param>
    /// <returns>a box of whole pixels inside the picture</returns>
    /// <exception cref="ArgumentOutOfRangeException">a side is not positive</exception>
    public static CropBox Draw(int width, int height, double leastArea, ref CounterRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        for (var i = 0; i < Tries; i++)
        {
            var area = random.NextDouble(leastArea, 1) * width * height;
            var aspect = Math.Exp(random.NextDouble(Math.Log(LeastAspect), Math.Log(MostAspect)));
            var (w, h) = ((int)Math.Round(Math.Sqrt(area * aspect)), (int)Math.Round(Math.Sqrt(area / aspect)));
            if (w > 0 && h > 0 && w <= width && h <= height)
                return new(random.NextInt(width - w + 1), random.NextInt(height - h + 1), w, h);
        }
        var (fallbackWidth, fallbackHeight) = ((double)width / height) switch
        {
            < LeastAspect => (width, Math.Min(height, (int)Math.Round(width / LeastAspect))),
            > MostAspect => (Math.Min(width, (int)Math.Round(height * MostAspect)), height),
            _ => (width, height),
        };
        return new((width - fallbackWidth) / 2, (height - fallbackHeight) / 2, fallbackWidth, fallbackHeight);
    }
}
