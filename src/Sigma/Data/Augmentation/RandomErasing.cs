using Sigma.Models;

namespace Sigma.Data.Augmentation;

/// <summary>
/// Random erasing (Zhong et al. 2020), pixel mode, one box for all frames of a clip: 1/50 to 1/3 of the area, aspect 0.3 to
/// 1/0.3, every number of every frame a draw of its own from the normal distribution that ImageNet's statistics give.
/// </summary>
internal static class RandomErasing
{
    private const int Tries = 100, Channels = 3;
    private const double LeastArea = 0.02, MostArea = 1.0 / 3, LeastAspect = 0.3;

    /// <summary>A box in whole pixels.</summary>
    internal readonly record struct Box(int X, int Y, int Width, int Height);

    /// <summary>Draws whether and where a clip is erased; null for not at all.</summary>
    /// <param name="size">side of the clip, pixels</param>
    /// <param name="probability">of erasing</param>
    /// <param name="random">the clip's stream for <see cref="Purpose.Erasing"/></param>
    public static Box? Draw(int size, double probability, ref CounterRandom random)
    {
        if (random.NextDouble() >= probability)
            return null;
        for (var i = 0; i < Tries; i++)
        {
            var area = random.NextDouble(LeastArea, MostArea) * size * size;
            var aspect = Math.Exp(random.NextDouble(Math.Log(LeastAspect), -Math.Log(LeastAspect)));
            var (height, width) = ((int)Math.Round(Math.Sqrt(area * aspect)), (int)Math.Round(Math.Sqrt(area / aspect)));
            if (width is > 0 && height is > 0 && width < size && height < size)
                return new(random.NextInt(size - width + 1), random.NextInt(size - height + 1), width, height);
        }
        return null;
    }

    /// <summary>Fills the box in every frame of a clip [T, size, size, 3].</summary>
    public static void Fill(Span<byte> clip, int size, Box box, ref CounterRandom random)
    {
        var mean = ClipTubes.Mean;
        var deviation = ClipTubes.Deviation;
        for (var frame = 0; frame < clip.Length; frame += size * size * Channels)
        {
            for (var y = box.Y; y < box.Y + box.Height; y++)
            {
                var row = clip.Slice(frame + (y * size + box.X) * Channels, box.Width * Channels);
                for (var i = 0; i < row.Length; i++)
                    row[i] = (byte)Math.Clamp(255 * (mean[i % Channels] + deviation[i % Channels] * random.NextGaussian()) + 0.5, 0, 255);
            }
        }
    }
}
