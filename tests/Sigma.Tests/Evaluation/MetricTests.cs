using FsCheck;
using FsCheck.Fluent;
using Sigma.Evaluation;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation;

[Trait("Category", "evaluation")]
public sealed class MetricTests
{
    [Fact]
    public void Top1_and_top5_count_the_clips_whose_class_is_among_the_highest()
    {
        using var scope = new TensorScope();
        // Classes 0 to 5; the right one comes first, second, fifth and sixth.
        var scores = Tensor.From(
            [
                9f, 1, 2, 3, 4, 5,
                9f, 8, 2, 3, 4, 5,
                9f, 8, 7, 6, 5, 1,
                9f, 8, 7, 6, 5, 1,
            ], 4, 6);
        var labels = Tensor.From([0L, 1, 4, 5]);
        Assert.Equal([1, 0, 0, 0], Accuracy.Hits(scores, labels, 1));
        Assert.Equal([1, 1, 1, 0], Accuracy.Hits(scores, labels, 5));
        Assert.Equal(0.25, Accuracy.Top1(scores, labels));
        Assert.Equal(0.75, Accuracy.Top5(scores, labels));
    }

    [Fact]
    public void Constant_scores_give_exactly_chance_whatever_the_classes_sizes()
    {
        using var scope = new TensorScope();
        var labels = Tensor.From([0L, 0, 0, 0, 0, 3, 7]);
        var figures = Accuracy.Metrics(F.Ones([7, 8]), labels).ToDictionary(m => m.Name, m => m.Value);
        Assert.Equal(1.0 / 8, figures["top1"], 1e-12);
        Assert.Equal(5.0 / 8, figures["top5"], 1e-12);
        Assert.Equal(1.0 / 8, figures["perClassMean"], 1e-12);
    }

    [Fact]
    public void A_score_that_is_no_number_is_a_miss()
    {
        using var scope = new TensorScope();
        var scores = Tensor.From([float.NaN, float.NaN, 1, float.NaN], 2, 2);
        Assert.Equal([0, 0], Accuracy.Hits(scores, Tensor.From([1L, 0]), 1));
    }

    [Fact]
    public void The_per_class_mean_counts_every_class_alike()
    {
        // Class 0: 3 of 4 right, class 2: 0 of 1, class 1 does not occur.
        var metric = new ClassMeanMetric("perClassMean", [1, 1, 1, 0, 0], [0, 0, 0, 0, 2]);
        Assert.Equal((0.75 + 0) / 2, metric.Value, 1e-12);
        Assert.Equal(0.6, new MeanMetric("top1", metric.Values).Value, 1e-12);
    }

    [Fact]
    public void Mean_average_precision_is_that_worked_out_by_hand()
    {
        // Class 0, by falling score: v0 yes, v1 no, v2 yes, v3 yes → (1/1 + 2/3 + 3/4) / 3
        // Class 1, by falling score: v3 no, v2 yes, v1 yes, v0 no → (1/2 + 2/3) / 2
        // Class 2 has no positive and does not count.
        var metric = new AveragePrecisionMetric("map", [[4, 1, 0], [3, 2, 0], [2, 3, 0], [1, 4, 0]], [[0], [1], [0, 1], [0]]);
        var (first, second) = ((1 + 2 / 3.0 + 3 / 4.0) / 3, (1 / 2.0 + 2 / 3.0) / 2);
        Assert.Equal([first, second, double.NaN], metric.PerClass());
        Assert.Equal((first + second) / 2, metric.Value, 1e-12);
    }

    [Fact]
    public void Videos_without_any_label_do_not_count_in_mean_average_precision()
    {
        var with = new AveragePrecisionMetric("map", [[3], [2], [1]], [[], [0], [0]]);
        var without = new AveragePrecisionMetric("map", [[2], [1]], [[0], [0]]);
        Assert.Equal(without.Value, with.Value);
        Assert.Equal(1, with.Value);
    }

    [Fact]
    public void Constant_scores_give_the_share_of_positives_as_average_precision()
    {
        var metric = new AveragePrecisionMetric("map", [.. Enumerable.Range(0, 5).Select(_ => new float[] { 1, 1 })], [[0], [0, 1], [1], [1], [1]]);
        Assert.Equal([0.4, 0.8], metric.PerClass(), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    /// <summary>What a resampling says must be what the metric says of the resampled videos listed one by one.</summary>
    [Fact]
    public void Counting_a_video_twice_is_listing_it_twice() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 3).ListOf(6).ToArbitrary(),
        Gen.Choose(0, 9).ListOf(18).ToArbitrary(),
        (counts, numbers) =>
        {
            int[] listed = [.. counts.SelectMany((n, i) => Enumerable.Repeat(i, n))];
            float[][] scores = [.. numbers.Select(n => (float)n).Chunk(3)];
            int[][] labels = [.. Enumerable.Range(0, 6).Select(i => (int[])(i == 5 ? [] : [i % 3, .. i > 3 ? [(i + 1) % 3] : Array.Empty<int>()]))];
            double[] values = [.. numbers.Take(6).Select(n => (double)n)];
            int[] classes = [0, 1, 2, 0, 1, 2];
            Metric[] whole = [new MeanMetric("a", values), new ClassMeanMetric("b", values, classes), new AveragePrecisionMetric("c", scores, labels)];
            foreach (var metric in whole)
            {
                var (over, expected) = (metric.Over([.. counts]), metric.Reordered(listed).Value);
                if (!(double.IsNaN(over) && double.IsNaN(expected)) && Math.Abs(over - expected) > 1e-9)
                    return false;
            }
            return true;
        }));

    [Fact]
    public void The_interval_of_a_share_is_about_as_wide_as_its_binomial_deviation_says()
    {
        double[] hits = [.. Enumerable.Range(0, 400).Select(i => i % 4 == 0 ? 1.0 : 0)];
        var metric = new MeanMetric("top1", hits);
        var interval = Bootstrap.Intervals([metric.Over], 400, seed: 3)[0];
        var deviation = Math.Sqrt(0.25 * 0.75 / 400);
        Assert.Equal(0.25 - 1.96 * deviation, interval.Low, 0.008);
        Assert.Equal(0.25 + 1.96 * deviation, interval.High, 0.008);
    }

    [Fact]
    public void The_same_seed_gives_the_same_interval_and_another_one_another()
    {
        var metric = new MeanMetric("x", [.. Enumerable.Range(0, 50).Select(i => Math.Sqrt(i))]);
        var first = Bootstrap.Intervals([metric.Over], 50, seed: 1)[0];
        Assert.Equal(first, Bootstrap.Intervals([metric.Over], 50, seed: 1)[0]);
        Assert.NotEqual(first, Bootstrap.Intervals([metric.Over], 50, seed: 2)[0]);
        Assert.InRange(metric.Value, first.Low, first.High);
    }

    [Fact]
    public void A_quantile_lies_between_its_neighbours_in_proportion()
    {
        Assert.Equal(1.5, Bootstrap.Quantile([0, 1, 2, 3], 0.5));
        Assert.Equal(3, Bootstrap.Quantile([0, 1, 2, 3], 1));
        Assert.Equal(7, Bootstrap.Quantile([7], 0.025));
    }
}
