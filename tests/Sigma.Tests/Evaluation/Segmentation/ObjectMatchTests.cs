using Sigma.Evaluation.Segmentation;

namespace Sigma.Tests.Evaluation.Segmentation;

[Trait("Category", "segmentation")]
public sealed class ObjectMatchTests
{
    [Fact]
    public void One_to_one_the_ious_sum_decides()
    {
        // Cluster 0 has 6 pixels of object 0 and 4 of object 1; cluster 1 has 5 of object 0 alone.
        // IoUs: (0,0) 6/(10+11-6) = 0.4, (0,1) 4/10, (1,0) 5/11, (1,1) 0. Best: 0 -> 1 and 1 -> 0.
        var match = ObjectMatch.Of(new long[,] { { 6, 4 }, { 5, 0 } }, SegmentationProtocol.Clustering);
        Assert.Equal([1, 0], match.ObjectOfCluster);
        Assert.Equal(5.0 / 11, match.Ious[0], 1e-12);
        Assert.Equal(4.0 / 10, match.Ious[1], 1e-12);
        Assert.Equal((5.0 / 11 + 0.4) / 2, match.MeanIou, 1e-12);
    }

    [Fact]
    public void Many_to_one_each_cluster_goes_to_the_object_most_of_it_lies_in()
    {
        // Clusters 0 and 2 are mostly object 0 (precision 6/10 and 1), cluster 1 is object 1 (3/5), cluster 3 is empty.
        var match = ObjectMatch.Of(new long[,] { { 6, 4, 0 }, { 2, 3, 0 }, { 5, 0, 0 }, { 0, 0, 0 } }, SegmentationProtocol.OverClustering);
        Assert.Equal([0, 1, 0, -1], match.ObjectOfCluster);
        // Object 0: 6 + 5 of its 13 pixels, and 4 that are not its own. Object 1: 3 of 7, and 2 that are not. Object 2: nothing.
        Assert.Equal([11.0 / 17, 3.0 / 9, 0], match.Ious, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void A_tie_goes_to_the_lower_object() =>
        Assert.Equal([0], ObjectMatch.Of(new long[,] { { 4, 4 } }, SegmentationProtocol.OverClustering).ObjectOfCluster);

    [Fact]
    public void Undecided_pixels_are_not_counted_and_a_slice_serves_its_frames()
    {
        // One slice of labels over two frames of 2×2: undecided pixels fall out of cluster and object alike.
        var masks = new ObjectMasks([0, 0, 7, 255, 0, 7, 7, 255], frames: 2, size: 2);
        Assert.Equal([0, 7], masks.Objects);
        var overlap = masks.Overlap([0, 0, 1, 1], clusters: 2);
        Assert.Equal(new long[,] { { 3, 1 }, { 0, 2 } }, overlap);
    }
}
