using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation;

[Trait("Category", "evaluation")]
public sealed class FrozenFeatureTests
{
    [Fact]
    public void A_linear_probe_separates_what_a_plane_separates()
    {
        using var scope = new TensorScope();
        var (features, labels) = Blobs(60, width: 5, distance: 4);
        using var probe = LinearProbe.Fit(features, labels, 3);
        Assert.Equal(1, Accuracy.Top1(probe.Logits(features), labels));
    }

    [Fact]
    public void The_probe_found_is_where_the_gradient_vanishes()
    {
        using var scope = new TensorScope();
        var (features, labels) = Blobs(90, width: 4, distance: 1);
        var penalty = 0.1;
        using var probe = LinearProbe.Fit(features, labels, 3, penalty, iterations: 2000);
        var targets = F.To(Operator.Get("aten::one_hot").Call(labels, 3), ScalarType.Float32);
        var error = (F.Softmax(probe.Logits(features), 1) - targets) / 90;
        // At the optimum the loss's gradient is -penalty · W, and logits of unit vectors read W off.
        var weight = probe.Logits(Identity(4)) - probe.Logits(F.Zeros([1, 4])); // [D, classes]
        var gradient = F.MatMul(F.Transpose(features, 0, 1), error) + weight * penalty;
        Assert.All(gradient.ToArray<double>(), g => Assert.Equal(0, g, 1e-5));
        Assert.All(F.Sum(error, [0]).ToArray<double>(), g => Assert.Equal(0, g, 1e-5));
    }

    [Fact]
    public void Wide_features_give_the_same_answer_in_the_space_their_rows_span()
    {
        using var scope = new TensorScope();
        var (features, labels) = Blobs(30, width: 200, distance: 0.5);
        var (queries, _) = Blobs(24, width: 200, distance: 0.5, seed: 2);
        var (narrow, narrowQueries) = RowSpace.Reduce(features, queries);
        Assert.Equal([30, 30], narrow.Shape);
        using var wideProbe = LinearProbe.Fit(features, labels, 3, iterations: 3000);
        using var narrowProbe = LinearProbe.Fit(narrow, labels, 3, iterations: 3000);
        var (wanted, got) = (wideProbe.Logits(queries).ToArray<double>(), narrowProbe.Logits(narrowQueries).ToArray<double>());
        foreach (var (a, b) in wanted.Zip(got))
            Assert.Equal(a, b, 1e-3);
    }

    [Fact]
    public void The_nearest_neighbour_of_a_clip_in_the_bank_is_itself()
    {
        using var scope = new TensorScope();
        var (features, labels) = Blobs(30, width: 6, distance: 1);
        var (similarity, index) = NearestNeighbours.Nearest(features, features, 1);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => (long)i), index.ToArray<long>());
        Assert.All(similarity.ToArray<double>(), s => Assert.Equal(1, s, 1e-5));
        Assert.Equal(1, Accuracy.Top1(NearestNeighbours.Votes(features, labels, features, 3, k: 1), labels));
    }

    [Fact]
    public void Features_that_say_nothing_score_chance()
    {
        using var scope = new TensorScope();
        var (_, labels) = Blobs(300, width: 2, distance: 0);
        using var probe = LinearProbe.Fit(F.Ones([300, 4]), labels, 3);
        Assert.Equal(1.0 / 3, Accuracy.Top1(probe.Logits(F.Ones([300, 4])), labels), 1e-9);
    }

    private static Tensor Identity(int size) => Operator.Get("aten::eye").Call(size, ScalarType.Float32);

    /// <summary>Normal points around three centres, classes in turn.</summary>
    private static (Tensor Features, Tensor Labels) Blobs(int count, int width, double distance, int seed = 1)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Order);
        var values = new float[count * width];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(random.NextGaussian() + (i % width == i / width % 3 ? distance * 2 : 0));
        return (Tensor.From(values, count, width), Tensor.From([.. Enumerable.Range(0, count).Select(i => (long)(i % 3))]));
    }
}
