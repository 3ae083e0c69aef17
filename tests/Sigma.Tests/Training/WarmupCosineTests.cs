using Sigma.Training;

namespace Sigma.Tests.Training;

public class WarmupCosineTests
{
    [SkippableFact]
    [Trait("Category", "parity")]
    public void Every_step_has_the_published_value()
    {
        var cases = Fixtures.Json("schedules.json").EnumerateArray().ToArray();
        Assert.NotEmpty(cases);
        foreach (var c in cases)
        {
            var schedule = new WarmupCosine(
                c.GetProperty("base").GetDouble(), c.GetProperty("final").GetDouble(),
                c.GetProperty("epochs").GetInt32(), c.GetProperty("steps_per_epoch").GetInt32(),
                c.GetProperty("warmup_epochs").GetInt32(), c.GetProperty("start").GetDouble());
            var expected = c.GetProperty("values").EnumerateArray().Select(v => v.GetDouble()).ToArray();
            Assert.Equal(expected.Length, schedule.Steps);
            for (var step = 0; step < expected.Length; step++)
                // A few roundings in another order: far below 1e-12 of the value.
                Assert.True(Math.Abs(schedule[step] - expected[step]) <= 1e-12 * Math.Abs(expected[step]),
                    $"step {step}: {schedule[step]:R}, published {expected[step]:R}");
        }
    }

    [Fact]
    [Trait("Category", "training")]
    public void A_run_that_is_all_warm_up_ends_at_the_base_value()
    {
        var schedule = new WarmupCosine(1, 0, epochs: 2, stepsPerEpoch: 5, warmupEpochs: 2);
        Assert.Equal(0, schedule[0]);
        Assert.Equal(1, schedule[9]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    [Trait("Category", "training")]
    public void A_step_outside_the_run_is_refused(long step) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WarmupCosine(1, 0, 2, 5)[step]);

    [Fact]
    [Trait("Category", "training")]
    public void More_warm_up_than_epochs_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WarmupCosine(1, 0, 2, 5, warmupEpochs: 3));
}
