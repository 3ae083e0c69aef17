namespace Sigma.Tests.Data.Synthesis;

/// <summary>A frame at 6 × 6 pixels.</summary>
internal static class Thumbnails
{
    /// <summary>Sums of [size, size, 3] over a grid of 6 × 6 cells, in colour.</summary>
    public static double[] Of(byte[] rgb, int size)
    {
        var small = new double[6 * 6 * 3];
        for (var i = 0; i < rgb.Length; i++)
        {
            var (row, column) = (i / 3 / size * 6 / size, i / 3 % size * 6 / size);
            small[3 * (6 * row + column) + i % 3] += rgb[i];
        }
        return small;
    }
}
