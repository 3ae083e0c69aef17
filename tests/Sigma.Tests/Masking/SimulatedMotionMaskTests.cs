using Sigma.Data;
using Sigma.Masking;
using Sigma.Recipes;

namespace Sigma.Tests.Masking;

[Trait("Category", "masks")]
public class SimulatedMotionMaskTests
{
    private static Mask Draw(int hidden, long seed)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Mask);
        return SimulatedMotionMask.Draw(new TubeGrid(8, 14, 14), hidden, ref random);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(98)]
    [InlineData(147)]
    [InlineData(176)]
    public void The_box_moves_at_most_two_of_fourteen_cells_a_slice(int hidden)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var boxes = Draw(hidden, seed).Boxes!;
            Assert.All(boxes.Zip(boxes.Skip(1)), pair =>
            {
                Assert.InRange(Math.Abs(pair.First.Row - pair.Second.Row), 0, 2);
                Assert.InRange(Math.Abs(pair.First.Column - pair.Second.Column), 0, 2);
            });
        }
    }

    [Fact]
    public void The_box_starts_anywhere_and_most_boxes_wander()
    {
        var masks = Enumerable.Range(0, 500).Select(seed => Draw(20, seed)).ToArray();
        var starts = masks.Select(m => (m.Boxes![0].Row, m.Boxes[0].Column)).ToHashSet();
        Assert.True(starts.Count > 60, $"{starts.Count} places");
        Assert.True(masks.Count(m => m.Boxes!.Distinct().Count() > 3) > 400);
        Assert.All(masks, m => Assert.Equal(MaskKind.SimulatedMotion, m.Kind));
    }
}
