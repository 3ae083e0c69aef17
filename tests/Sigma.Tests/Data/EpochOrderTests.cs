using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public class EpochOrderTests
{
    [Fact]
    public void An_epoch_visits_every_sample_once() =>
        Prop.ForAll<long, int, NonNegativeInt>((seed, epoch, count) =>
            new EpochOrder(seed, epoch, count.Get).Samples.ToArray().Order().SequenceEqual(Enumerable.Range(0, count.Get)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_is_given_by_seed_and_epoch()
    {
        int[] Order(long seed, int epoch) => new EpochOrder(seed, epoch, 1000).Samples.ToArray();
        Assert.Equal(Order(3, 7), Order(3, 7));
        Assert.NotEqual(Order(3, 7), Order(3, 8));
        Assert.NotEqual(Order(3, 7), Order(4, 7));
    }

    [Fact]
    public void A_sample_may_come_at_any_position()
    {
        const int count = 10, epochs = 5000;
        var visits = new int[count];
        for (var epoch = 0; epoch < epochs; epoch++)
            visits[new EpochOrder(0, epoch, count)[0]]++;
        Assert.All(visits, v => Assert.InRange(v, 400, 600));
    }
}
