using Sigma.Data;
using Sigma.Masking;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Tests.Masking;

[Trait("Category", "masks")]
public class MotionGuidedMaskTests
{
    private static readonly TubeGrid Grid = new(8, 14, 14);

    private static MotionGrid Motion(TubeGrid grid, Func<int, MotionVector[]> vectors, bool subtractMedian = false) =>
        MotionGrid.FromVectors(grid, 2 * grid.Slices, 224, 224, frame => vectors(frame), subtractMedian);

    private static MotionVector Moving(float x, float y, float speed, float side = 16) => new(x, y, side, side, speed, 0);

    private static Mask Draw(MotionGrid motion, int hidden, BoxPlacement placement = BoxPlacement.Peak, long seed = 0)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Mask);
        return MotionGuidedMask.Draw(motion, hidden, placement, ref random);
    }

    [Theory]
    [InlineData(0.05, BoxPlacement.Peak)]
    [InlineData(0.05, BoxPlacement.Total)]
    [InlineData(0.25, BoxPlacement.Peak)]
    [InlineData(0.25, BoxPlacement.Total)]
    [InlineData(0.5, BoxPlacement.Peak)]
    [InlineData(0.5, BoxPlacement.Total)]
    [InlineData(0.75, BoxPlacement.Peak)]
    [InlineData(0.75, BoxPlacement.Total)]
    public void The_box_covers_the_one_object_that_moves(double ratio, BoxPlacement placement)
    {
        var overlap = Enumerable.Range(0, 60).Average(seed =>
        {
            var random = new CounterRandom(seed, 1, 0, Purpose.Mask);
            var scene = new MovingObject(Grid, ratio, ref random);
            return scene.OverlapWith(Draw(scene.Motion(Grid), (int)(ratio * 196), placement, seed));
        });
        Assert.True(overlap >= 0.5, $"mean overlap {overlap:0.000}");
    }

    [Fact]
    public void Under_a_pan_the_median_option_finds_the_object_as_on_a_still_background()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new CounterRandom(seed, 1, 0, Purpose.Mask);
            var panned = new MovingObject(Grid, 0.1, ref random, panX: 4, panY: -2.5f);
            random = new CounterRandom(seed, 1, 0, Purpose.Mask);
            var still = new MovingObject(Grid, 0.1, ref random);
            Assert.Equal(Draw(still.Motion(Grid), 19).Boxes, Draw(panned.Motion(Grid, subtractMedian: true), 19).Boxes);
        }
    }

    [Fact]
    public void The_box_moves_with_the_object_without_leaps()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new CounterRandom(seed, 1, 0, Purpose.Mask);
            var scene = new MovingObject(Grid, 0.2, ref random);
            var boxes = Draw(scene.Motion(Grid), 39, seed: seed).Boxes!;
            for (var slice = 1; slice < Grid.Slices; slice++)
            {
                var (now, before) = (scene.Positions[2 * slice], scene.Positions[2 * slice - 2]);
                Assert.InRange(Math.Abs(boxes[slice].Row - boxes[slice - 1].Row), 0, Math.Abs(now.Y - before.Y) / 16 + 2);
                Assert.InRange(Math.Abs(boxes[slice].Column - boxes[slice - 1].Column), 0, Math.Abs(now.X - before.X) / 16 + 2);
            }
        }
    }

    [Fact]
    public void The_fastest_place_wins_over_the_largest()
    {
        // A slow field of 6×6 blocks upper left, a fast one of 3×3 lower right.
        MotionVector[] vectors = [Moving(48, 48, 2, 96), Moving(200, 200, 6, 48)];
        var mask = Draw(Motion(Grid, _ => vectors), 9);
        Assert.All(mask.Boxes!, box => Assert.True(box.Contains(12, 12)));
    }

    [Fact]
    public void The_total_option_wins_over_the_fastest_place()
    {
        MotionVector[] vectors = [Moving(48, 48, 2, 96), Moving(200, 200, 6)];
        var mask = Draw(Motion(Grid, _ => vectors), 36, BoxPlacement.Total);
        Assert.All(mask.Boxes!, box => Assert.True(box.Contains(2, 2) && !box.Contains(12, 12)));
    }

    [Fact]
    public void No_place_of_the_box_holds_more_motion_than_the_one_the_total_option_takes()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new CounterRandom(seed, 0, 0, Purpose.Mask);
            var speeds = Enumerable.Range(0, 196).Select(_ => (float)random.NextDouble()).ToArray();
            var motion = Motion(Grid, _ => [.. speeds.Select((s, cell) => Moving(cell % 14 * 16 + 8, cell / 14 * 16 + 8, s))]);
            var box = Draw(motion, 39, BoxPlacement.Total, seed).Boxes![0];
            double Held(MaskBox b) => Enumerable.Range(0, 196).Where(c => b.Contains(c / 14, c % 14)).Sum(c => (double)speeds[c]);
            for (var row = 0; row + box.Height <= 14; row++)
                for (var column = 0; column + box.Width <= 14; column++)
                    Assert.True(Held(box with { Row = row, Column = column }) <= Held(box) + 1e-3);
        }
    }

    [Fact]
    public void A_clip_in_which_nothing_moves_takes_the_simulated_motion_mask()
    {
        Assert.Equal(MaskKind.SimulatedMotion, Draw(Motion(Grid, _ => []), 147).Kind);
        Assert.Equal(MaskKind.SimulatedMotion, Draw(Motion(Grid, _ => [Moving(112, 112, 0, 224)]), 147).Kind);
        Assert.Equal(MaskKind.SimulatedMotion, Draw(Motion(Grid, _ => [Moving(112, 112, 5, 224)], subtractMedian: true), 147).Kind);
        Assert.Equal(MaskKind.MotionGuided, Draw(Motion(Grid, _ => [Moving(112, 112, 5, 224)]), 147).Kind);
    }

    [Fact]
    public void A_slice_in_which_nothing_moves_keeps_the_box_before_it()
    {
        // Still at first, then motion upper left, then still, then motion lower right.
        var motion = Motion(Grid, frame => (frame / 2) switch
        {
            2 => [Moving(40, 40, 3, 48)],
            5 => [Moving(184, 184, 3, 48)],
            _ => [Moving(112, 112, 0, 224)],
        });
        var boxes = Draw(motion, 9).Boxes!;
        Assert.All(boxes.Take(5), box => Assert.Equal(boxes[2], box));
        Assert.All(boxes.Skip(5), box => Assert.Equal(boxes[5], box));
        Assert.NotEqual(boxes[2], boxes[5]);
    }

    [Fact]
    public void The_mirrored_clip_has_the_mirrored_places()
    {
        MotionVector[] vectors = [Moving(40, 120, 3, 48)];
        var motion = Motion(Grid, _ => vectors);
        var (box, mirrored) = (Draw(motion, 9).Boxes![0], Draw(motion.Mirrored(), 9).Boxes![0]);
        Assert.Equal((box.Row, box.Height, box.Width), (mirrored.Row, mirrored.Height, mirrored.Width));
        Assert.InRange(mirrored.Column, 14 - box.Column - box.Width - 1, 14 - box.Column - box.Width + 1);
    }
}
