using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Evaluation.Segmentation;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Segmentation;

[Trait("Category", "segmentation")]
public sealed class ClipSegmentationTests
{
    [Theory]
    [InlineData(SegmentationProtocol.Clustering)]
    [InlineData(SegmentationProtocol.OverClustering)]
    public void Features_that_tell_the_objects_apart_score_exactly_one(SegmentationProtocol protocol)
    {
        using var scope = new TensorScope();
        var masks = RenderedObjects.Masks(size: 112);
        Assert.Equal([0, 1, 2, 3], masks.Objects);
        var found = ClipSegmentation.Of(RenderedObjects.OneHot(masks), masks, protocol, clusters: null, seed: 0, number: 0);
        Assert.Equal(protocol == SegmentationProtocol.Clustering ? 4 : 10, found.Clusters);
        Assert.Equal([1.0, 1, 1, 1], found.Match.Ious);
        Assert.Equal(1, found.Match.MeanIou);
    }

    [Fact]
    public void Constant_features_score_what_one_cluster_over_everything_scores()
    {
        using var scope = new TensorScope();
        var masks = RenderedObjects.Masks();
        var tokens = F.Full([4, 14, 14, 32], 0.3);
        // All pixels fall into one cluster, which is matched with the largest object: its share, over four objects.
        var largest = masks.Numbers.CountBy(number => number).Max(pair => pair.Value) / (double)masks.Numbers.Length;
        foreach (var protocol in Enum.GetValues<SegmentationProtocol>())
        {
            var found = ClipSegmentation.Of(tokens, masks, protocol, null, seed: 0, number: 0);
            Assert.Equal(largest / RenderedObjects.Objects, found.Match.MeanIou, 1e-12);
        }
    }

    [Fact]
    public void The_seed_decides_the_clusters()
    {
        using var scope = new TensorScope();
        var masks = RenderedObjects.Masks(size: 48);
        var tokens = Noise(4, 14, 24);
        byte[] Labels(long seed, int number) => ClipSegmentation.Of(tokens, masks, SegmentationProtocol.OverClustering, null, seed, number).Labels;
        var first = Labels(0, 0);
        Assert.Equal(first, Labels(0, 0));
        Assert.NotEqual(first, Labels(1, 0));
        Assert.NotEqual(first, Labels(0, 1));
    }

    [Fact]
    public void Masks_without_any_decided_pixel_are_refused()
    {
        using var scope = new TensorScope();
        var nothing = new ObjectMasks([255, 255, 255, 255], 1, 2);
        var failure = Assert.Throws<BadInputException>(() =>
            ClipSegmentation.Of(F.Ones([1, 2, 2, 3]), nothing, SegmentationProtocol.Clustering, null, 0, 0));
        Assert.Contains("undecided", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Principal_components_keep_the_directions_that_vary_most()
    {
        using var scope = new TensorScope();
        var random = new CounterRandom(4, 0, 0, Purpose.Evaluation);
        var values = new float[400 * 6];
        for (var row = 0; row < 400; row++)
        {
            var (a, b) = (random.NextGaussian(), random.NextGaussian());
            // Six channels, standardised to the same spread: four copies of a, one of b, one constant.
            double[] channels = [a, 3 * a + 1, -a, 10 * a, 0.01 * b, 5];
            for (var c = 0; c < 6; c++)
                values[row * 6 + c] = (float)channels[c];
        }
        var reduced = PrincipalComponents.Reduce(Tensor.From(values, 400, 6), 2);
        Assert.Equal([400, 2], reduced.Shape);
        // Variances of the components, in rising order: b alone, and four times a.
        var variances = F.Variance(reduced, [0], unbiased: false).ToArray<double>();
        Assert.InRange(variances[0], 0.9, 1.02);
        Assert.InRange(variances[1], 3.98, 4.1);
    }

    internal static Tensor Noise(int slices, int rows, int width)
    {
        var random = new CounterRandom(9, 0, 0, Purpose.Evaluation);
        var values = new float[slices * rows * rows * width];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)random.NextGaussian();
        return Tensor.From(values, slices, rows, rows, width);
    }
}
