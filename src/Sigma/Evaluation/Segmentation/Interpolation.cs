using System.Numerics;

namespace Sigma.Evaluation.Segmentation;

/// <summary>
/// Bilinear interpolation between a map's side and a picture's, corners not aligned, as PyTorch's: every pixel lies between
/// two places of the map and takes from each a share.
/// </summary>
internal sealed class Interpolation
{
    private readonly int[] first, second;
    private readonly float[] share; // of the second

    /// <summary>From a side of so many places to so many pixels.</summary>
    public Interpolation(int places, int pixels)
    {
        (Places, Pixels) = (places, pixels);
        (first, second, share) = (new int[pixels], new int[pixels], new float[pixels]);
        for (var i = 0; i < pixels; i++)
        {
            var at = Math.Max((i + 0.5) * places / pixels - 0.5, 0);
            first[i] = Math.Min((int)at, places - 1);
            second[i] = Math.Min(first[i] + 1, places - 1);
            share[i] = (float)(at - first[i]);
        }
    }

    public int Places { get; }

    public int Pixels { get; }

    /// <summary>The two places a pixel lies between, and the second one's share.</summary>
    public (int First, int Second, float Share) At(int pixel) => (first[pixel], second[pixel], share[pixel]);

    /// <summary>A row of the map as a row of pixels.</summary>
    public void Widen(ReadOnlySpan<float> places, Span<float> pixels)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            var value = places[first[i]];
            pixels[i] = value + share[i] * (places[second[i]] - value);
        }
    }

    /// <summary>The transpose of <see cref="Widen"/>: adds what each pixel holds to its two places, by their shares.</summary>
    public void Gather(ReadOnlySpan<float> pixels, Span<float> places)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            places[first[i]] += (1 - share[i]) * pixels[i];
            places[second[i]] += share[i] * pixels[i];
        }
    }

    /// <summary>A row of pixels between two widened rows of the map.</summary>
    public static void Between(ReadOnlySpan<float> above, ReadOnlySpan<float> below, float share, Span<float> row)
    {
        var weight = new Vector<float>(share);
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(above[i..]);
            (value + weight * (new Vector<float>(below[i..]) - value)).CopyTo(row[i..]);
        }
        for (; i < row.Length; i++)
            row[i] = above[i] + share * (below[i] - above[i]);
    }
}
