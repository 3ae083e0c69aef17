using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public class CounterRandomTests
{
    // The known answers published with the generator (Random123, kat_vectors, philox4x32 10).
    [Theory]
    [InlineData(new uint[] { 0, 0, 0, 0 }, new uint[] { 0, 0 }, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [InlineData(new uint[] { ~0u, ~0u, ~0u, ~0u }, new uint[] { ~0u, ~0u }, new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [InlineData(new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, new uint[] { 0xa4093822, 0x299f31d0 }, new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void Ten_rounds_give_the_published_answers(uint[] counter, uint[] key, uint[] expected)
    {
        var (a, b, c, d) = CounterRandom.Philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
        Assert.Equal(expected, new[] { a, b, c, d });
    }

    [Fact]
    public void The_same_key_gives_the_same_stream() =>
        Prop.ForAll<long, int, int>((seed, epoch, sample) =>
        {
            var one = new CounterRandom(seed, epoch, sample, Purpose.Crop);
            var two = new CounterRandom(seed, epoch, sample, Purpose.Crop);
            return Enumerable.Range(0, 9).All(_ => one.NextUInt64() == two.NextUInt64());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Streams_of_neighbouring_keys_share_nothing()
    {
        var first = new HashSet<ulong>();
        var streams = 0;
        for (var seed = 0L; seed < 3; seed++)
            for (var epoch = 0; epoch < 3; epoch++)
                for (var sample = 0; sample < 3; sample++)
                    for (var repeat = 0; repeat < 3; repeat++)
                        foreach (var purpose in Enum.GetValues<Purpose>())
                        {
                            var random = new CounterRandom(seed, epoch, sample, purpose, repeat);
                            first.Add(random.NextUInt64());
                            first.Add(random.NextUInt64());
                            streams++;
                        }
        Assert.Equal(2 * streams, first.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public void Whole_numbers_are_uniform(int n)
    {
        var random = new CounterRandom(1, 2, 3, Purpose.Frames);
        var counts = new int[n];
        const int draws = 100_000;
        for (var i = 0; i < draws; i++)
            counts[random.NextInt(n)]++;
        var expected = draws / (double)n;
        var chiSquare = counts.Sum(c => (c - expected) * (c - expected) / expected);
        Assert.True(chiSquare < n - 1 + 5 * Math.Sqrt(2 * (n - 1)) + 5, $"chi-square {chiSquare} for {n} cells");
    }

    [Fact]
    public void Real_numbers_stay_in_their_interval_and_are_uniform()
    {
        var random = new CounterRandom(5, 0, 0, Purpose.Grey);
        var values = Enumerable.Range(0, 100_000).Select(_ => random.NextDouble()).ToArray();
        Assert.All(values, v => Assert.InRange(v, 0, 1 - double.Epsilon));
        Assert.Equal(0.5, values.Average(), 0.005);
        Assert.Equal(1.0 / 12, values.Average(v => (v - 0.5) * (v - 0.5)), 0.002);
    }

    [Fact]
    public void Normal_draws_have_mean_0_deviation_1_and_no_skew()
    {
        var random = new CounterRandom(5, 0, 0, Purpose.Initialisation);
        var values = Enumerable.Range(0, 100_000).Select(_ => random.NextGaussian()).ToArray();
        Assert.Equal(0, values.Average(), 0.02);
        Assert.Equal(1, values.Average(v => v * v), 0.02);
        Assert.Equal(0, values.Average(v => v * v * v), 0.05);
        Assert.Equal(3, values.Average(v => v * v * v * v), 0.15);
    }

    [Fact]
    public void Every_order_of_three_is_equally_likely()
    {
        var random = new CounterRandom(9, 0, 0, Purpose.Order);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 60_000; i++)
        {
            int[] values = [0, 1, 2];
            random.Shuffle(values);
            var order = string.Join(' ', values);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, c => Assert.InRange(c, 9_500, 10_500));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_empty_range_is_refused(int n)
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Order);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(n));
    }
}
