using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Recipes;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public class ClipScheduleTests
{
    [Theory]
    [InlineData(100, 8, 1, 1, 12)]
    [InlineData(100, 8, 1, 4, 50)]
    [InlineData(100, 8, 4, 2, 25)]
    [InlineData(3, 8, 1, 1, 1)]
    [InlineData(8, 8, 1, 1, 1)]
    public void An_epoch_is_as_many_updates_as_its_clips_fill(int count, int batch, int accumulate, int repeats, int steps) =>
        Assert.Equal(steps, Schedule(count, batch, accumulate, repeats).StepsPerEpoch);

    [Fact]
    public void Positions_follow_each_other_through_the_epochs()
    {
        var schedule = Schedule(count: 10, batch: 6, accumulate: 2, repeats: 1); // 1 update of 2 × 3 videos an epoch
        Assert.Equal([(0, 0L), (0, 3L), (1, 0L), (1, 3L), (2, 0L)], Enumerable.Range(0, 5).Select(step => schedule.Locate(step)));
    }

    [Fact]
    public void No_two_clips_of_an_epoch_are_drawn_alike() => Prop.ForAll(
        Gen.Choose(1, 12).ToArbitrary(), Gen.Choose(1, 40).ToArbitrary(), Gen.Choose(0, 5).ToArbitrary(), (count, batch, shifts) =>
        {
            var schedule = Schedule(count, batch, 1, 1);
            var order = new EpochOrder(1, 0, count);
            var seen = new HashSet<(int, int)>();
            return Enumerable.Range(0, schedule.StepsPerEpoch * batch).All(position =>
                Enumerable.Range(0, Math.Min(shifts, count - 1) + 1).All(shift => seen.Add(schedule.Visit(order, position, shift))));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_next_in_the_order_stand_in_and_the_order_closes_to_a_circle()
    {
        var schedule = Schedule(count: 4, batch: 4, 1, 1);
        var order = new EpochOrder(1, 0, 4);
        Assert.Equal([order[3], order[0], order[1]], Enumerable.Range(0, 3).Select(shift => schedule.Visit(order, 3, shift).Sample));
    }

    private static ClipSchedule Schedule(int count, int batch, int accumulate, int repeats) => new(count, new Recipe
    {
        Clip = new() { Repeats = repeats },
        Optimizer = new() { Batch = batch, Accumulate = accumulate },
    });
}
