using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Evaluation.Inspection;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation;

[Trait("Category", "evaluation")]
public sealed class PrincipalComponentsTests
{
    [Fact]
    public void The_first_component_is_what_varies_most_and_the_shares_are_those_of_the_variance()
    {
        using var scope = new TensorScope();
        // Channel 1 varies by 3, channel 0 by 1, both about a mean of their own; channel 2 is constant.
        var values = Rows(4000, gaussian => [5 + gaussian(), -2 + 3 * gaussian(), 7]);
        var (components, shares) = PrincipalComponents.First(values, 2);
        Assert.Equal([4000, 2], components.Shape);
        Assert.Equal([0.9, 0.1, 0], shares, (wanted, found) => Math.Abs(wanted - found) < 0.01);
        Kernels.Close.Assert(F.To(F.Narrow(values, 1, 1, 1) - F.Mean(F.Narrow(values, 1, 1, 1)), ScalarType.Float64), F.Narrow(components, 1, 0, 1), 0.2);
    }

    [Fact]
    public void The_shares_add_up_to_one_and_fall() => Prop.ForAll(Gen.Choose(0, 1000).ToArbitrary(), seed =>
    {
        using var scope = new TensorScope();
        var values = Rows(20, gaussian => [gaussian(), gaussian(), gaussian(), gaussian()], seed);
        var (_, shares) = PrincipalComponents.First(values, 3);
        return Math.Abs(shares.Sum() - 1) < 1e-12 && shares.SequenceEqual(shares.OrderDescending());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Turning_a_direction_round_does_not_turn_the_picture_round()
    {
        using var scope = new TensorScope();
        var values = Rows(50, gaussian => [gaussian(), 2 * gaussian(), 4 * gaussian()]);
        var (first, _) = PrincipalComponents.First(values, 3);
        var order = Tensor.From([.. Enumerable.Range(0, 50).Reverse().Select(i => (long)i)]);
        var (turned, _) = PrincipalComponents.First(F.IndexSelect(values, 0, order), 3);
        Kernels.Close.Assert(F.IndexSelect(first, 0, order), turned, 1e-9);
    }

    [Fact]
    public void Tokens_that_are_all_alike_have_no_variance_and_give_one_grey()
    {
        using var scope = new TensorScope();
        var (components, shares) = PrincipalComponents.First(F.Ones([6, 3]), 3);
        Assert.All(shares, share => Assert.Equal(0, share));
        Assert.All(components.ToArray<double>(), value => Assert.Equal(0, value));
        Assert.Equal([128, 128, 128], FeaturePicture.Levels([0, 0, 0]));
    }

    [Fact]
    public void Brightness_rises_with_the_component_and_reaches_from_black_to_white()
    {
        var levels = FeaturePicture.Levels([.. Enumerable.Range(0, 101).Select(i => (double)i)]);
        Assert.Equal([0, 0, 0, 255, 255, 255], [.. levels[..3], .. levels[^3..]]);
        Assert.Equal(levels.Order(), levels);
    }

    private static Tensor Rows(int count, Func<Gaussian, double[]> row, int seed = 1)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Evaluation);
        var drawn = Enumerable.Range(0, count).Select(_ => row(() => random.NextGaussian())).ToArray();
        return Tensor.From([.. drawn.SelectMany(values => values.Select(v => (float)v))], count, drawn[0].Length);
    }

    private delegate double Gaussian();
}
