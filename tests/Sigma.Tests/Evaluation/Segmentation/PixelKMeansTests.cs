using Sigma.Evaluation.Segmentation;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Segmentation;

[Trait("Category", "segmentation")]
public sealed class PixelKMeansTests
{
    private const int Size = 40, Slices = 2, Width = 5;

    [Fact]
    public void Every_pixel_is_what_upsampling_the_map_gives()
    {
        using var scope = new TensorScope();
        var map = ClipSegmentationTests.Noise(Slices, 6, Width);
        var (features, pixels) = (new PixelFeatures(map, Size), Upsampled(map));
        for (var place = 0; place < Slices * Size * Size; place += 7)
        {
            var (slice, y, x) = (place / (Size * Size), place / Size % Size, place % Size);
            var pixel = features.Pixel(slice, y, x);
            var squared = 0.0;
            for (var c = 0; c < Width; c++)
            {
                Assert.Equal(pixels[place * Width + c], pixel[c], 1e-5f);
                squared += pixel[c] * pixel[c];
            }
            Assert.Equal(squared, features.SquaredLengths(slice)[y * Size + x], 1e-4);
        }
    }

    [Fact]
    public void The_clusters_are_a_fixed_point_of_plain_k_means_over_the_pixels()
    {
        using var scope = new TensorScope();
        var map = ClipSegmentationTests.Noise(Slices, 6, Width);
        const int clusters = 7;
        var found = new PixelKMeans(new PixelFeatures(map, Size), clusters, restarts: 2, iterations: 500).Run(seed: 3, clip: 0);
        var pixels = Upsampled(map);
        var centres = Means(pixels, found.Labels, clusters);
        var (cost, others) = (0.0, 0);
        for (var place = 0; place < found.Labels.Length; place++)
        {
            var distances = Enumerable.Range(0, clusters).Select(k => Distance(pixels, place, centres, k)).ToArray();
            cost += distances[found.Labels[place]];
            others += distances[found.Labels[place]] > distances.Min() + 1e-3 ? 1 : 0;
        }
        Assert.Equal(cost, found.Cost, cost * 1e-3);
        Assert.InRange(others, 0, found.Labels.Length / 200);
        Assert.Equal(clusters, found.Labels.Distinct().Count());
    }

    [Fact]
    public void More_restarts_never_cost_more()
    {
        using var scope = new TensorScope();
        var features = new PixelFeatures(ClipSegmentationTests.Noise(Slices, 6, Width), Size);
        var costs = new[] { 1, 2, 5 }.Select(restarts => new PixelKMeans(features, 6, restarts).Run(0, 0).Cost).ToArray();
        Assert.Equal(costs.OrderDescending(), costs);
        Assert.True(costs[2] < costs[0]);
    }

    [Fact]
    public void Points_apart_become_clusters_of_their_own()
    {
        using var scope = new TensorScope();
        // Six kinds of pixels in stripes: k-means++ never draws one twice while another is left.
        var values = new float[Size * Size * 6];
        for (var i = 0; i < Size * Size; i++)
            values[i * 6 + i % Size % 6] = 1;
        var features = new PixelFeatures(Tensor.From(values, 1, Size, Size, 6), Size);
        var labels = new PixelKMeans(features, 6, restarts: 1).Run(0, 0).Labels;
        for (var i = 0; i < labels.Length; i++)
            Assert.Equal(labels[i % Size % 6], labels[i]);
        Assert.Equal(6, labels.Distinct().Count());
    }

    /// <summary>[S, size, size, D] by libtorch.</summary>
    private static float[] Upsampled(Tensor map) =>
        F.Permute(F.ResizeBilinear(F.Contiguous(F.Permute(map, 0, 3, 1, 2)), Size, Size), 0, 2, 3, 1).ToArray<float>();

    private static double[] Means(float[] pixels, byte[] labels, int clusters)
    {
        var (sums, counts) = (new double[clusters * Width], new int[clusters]);
        for (var place = 0; place < labels.Length; place++)
        {
            counts[labels[place]]++;
            for (var c = 0; c < Width; c++)
                sums[labels[place] * Width + c] += pixels[place * Width + c];
        }
        return [.. sums.Select((sum, i) => sum / counts[i / Width])];
    }

    private static double Distance(float[] pixels, int place, double[] centres, int cluster)
    {
        var sum = 0.0;
        for (var c = 0; c < Width; c++)
            sum += Math.Pow(pixels[place * Width + c] - centres[cluster * Width + c], 2);
        return sum;
    }
}
