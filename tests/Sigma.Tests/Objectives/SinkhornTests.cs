using FsCheck;
using FsCheck.Fluent;
using Sigma.Objectives;
using Sigma.Torch;

namespace Sigma.Tests.Objectives;

[Trait("Category", "objectives")]
public sealed class SinkhornTests
{
    [Fact]
    public void Every_sample_sums_to_one_and_prototypes_are_used_alike()
    {
        Prop.ForAll(Gen.Choose(1, 1 << 20).ToArbitrary(), seed =>
        {
            using var scope = new TensorScope();
            var (samples, prototypes) = (40 + seed % 60, 2 + seed % 19);
            var q = Sinkhorn.Assign(Scores(seed, samples, prototypes), 0.05, 100);
            Assert.All(F.Sum(q, [1]).ToArray<double>(), sum => Assert.Equal(1, sum, 1e-5));
            Assert.All(F.Sum(q, [0]).ToArray<double>(), sum => Assert.Equal((double)samples / prototypes, sum, 0.2 * samples / prototypes));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    [Fact]
    public void Labels_are_the_largest_entries_of_the_assignment()
    {
        Prop.ForAll(Gen.Choose(1, 1 << 20).ToArbitrary(), seed =>
        {
            using var scope = new TensorScope();
            var scores = Scores(seed, 50, 12);
            Assert.Equal(F.ArgMax(Sinkhorn.Assign(scores, 0.05, 10), 1).ToArray<long>(), Sinkhorn.Labels(scores, 0.05, 10).ToArray<long>());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    [Fact]
    public void The_error_it_tells_is_that_of_the_assignment_a_round_earlier()
    {
        using var scope = new TensorScope();
        var scores = Scores(7, 60, 12);
        Assert.Null(Sinkhorn.Balance(scores, 0.05, 1).MarginalError);
        foreach (var iterations in (int[])[2, 5, 10])
        {
            var shares = F.Sum(Sinkhorn.Assign(scores, 0.05, iterations - 1), [0]).ToArray<double>().Select(sum => sum * 12 / 60);
            Assert.Equal(shares.Max(share => Math.Abs(share - 1)), Sinkhorn.Balance(scores, 0.05, iterations).MarginalError!.Item(), 1e-5);
        }
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.03)]
    [InlineData(0.05)]
    public void The_widest_scores_there_are_give_no_NaN(double epsilon)
    {
        using var scope = new TensorScope();
        // One prototype is as far from every sample as can be, one as near.
        float[] row = [1, -1, -1, 0];
        var scores = Tensor.From(Enumerable.Repeat(row, 16).SelectMany(r => r).ToArray(), 16, 4);
        Assert.All(Sinkhorn.Assign(scores, epsilon, 10).ToArray<double>(), q => Assert.True(double.IsFinite(q)));
        Assert.All(Sinkhorn.LogPrototypeScales(scores, epsilon, 10).ToArray<double>(), u => Assert.True(double.IsFinite(u)));
    }

    private static Tensor Scores(int seed, int samples, int prototypes)
    {
        var random = new Sigma.Data.CounterRandom(seed, 0, 0, Sigma.Data.Purpose.Order);
        return Tensor.From(Enumerable.Range(0, samples * prototypes).Select(_ => (float)(2 * random.NextDouble() - 1)).ToArray(), samples, prototypes);
    }
}
