using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Masking;
using Sigma.Recipes;

namespace Sigma.Tests.Masking;

/// <summary>What every kind of mask promises.</summary>
[Trait("Category", "masks")]
public class MaskSamplerTests
{
    public static TheoryData<MaskKind> Kinds => [.. Enum.GetValues<MaskKind>()];

    private static Mask Draw(MaskRecipe recipe, TubeGrid grid, long seed)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Mask);
        var motion = recipe.Kind == MaskKind.MotionGuided
            ? new MovingObject(grid, 0.2, ref random).Motion(grid)
            : null;
        return new MaskSampler(recipe, grid).Draw(motion, ref random);
    }

    /// <summary>Any grid and ratio that hide something and leave something.</summary>
    private static readonly Arbitrary<(TubeGrid Grid, double Ratio, long Seed)> Cases = (
        from slices in Gen.Choose(2, 16)
        from rows in Gen.Choose(1, 20)
        from columns in Gen.Choose(2, 20)
        from percent in Gen.Choose(1, 99)
        from seed in Gen.Choose(0, int.MaxValue)
        where (int)(percent / 100.0 * rows * columns) > 0 && Math.Round(percent / 100.0 * slices) > 0
        select (new TubeGrid(slices, rows, columns), percent / 100.0, (long)seed)).ToArbitrary();

    [Theory]
    [InlineData(MaskKind.Tube)]
    [InlineData(MaskKind.Random)]
    [InlineData(MaskKind.SimulatedMotion)]
    [InlineData(MaskKind.MotionGuided)]
    public void Every_slice_hides_exactly_its_share_whatever_the_grid_and_ratio(MaskKind kind) =>
        Prop.ForAll(Cases, c =>
        {
            var mask = Draw(new MaskRecipe { Kind = kind, Ratio = c.Ratio }, c.Grid, c.Seed);
            var expected = (int)(c.Ratio * c.Grid.CellsPerSlice);
            return Enumerable.Range(0, c.Grid.Slices).All(slice => mask.Slice(slice).Count(true) == expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_frame_mask_hides_its_share_of_whole_slices_and_leaves_one() =>
        Prop.ForAll(Cases, c =>
        {
            var mask = Draw(new MaskRecipe { Kind = MaskKind.Frame, Ratio = c.Ratio }, c.Grid, c.Seed);
            var counts = Enumerable.Range(0, c.Grid.Slices).Select(slice => mask.Slice(slice).Count(true)).ToArray();
            return counts.All(n => n == 0 || n == c.Grid.CellsPerSlice)
                && counts.Count(n => n > 0) == Math.Min((int)Math.Round(c.Ratio * c.Grid.Slices), c.Grid.Slices - 1);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_seed_alone_decides(MaskKind kind)
    {
        var recipe = new MaskRecipe { Kind = kind, Ratio = 0.5 };
        var grid = new TubeGrid(8, 14, 14);
        Assert.Equal(Draw(recipe, grid, 1).Cells, Draw(recipe, grid, 1).Cells);
        Assert.Contains(Enumerable.Range(2, 5), seed => !Draw(recipe, grid, seed).Cells.SequenceEqual(Draw(recipe, grid, 1).Cells));
    }

    [Theory]
    [InlineData(MaskKind.SimulatedMotion)]
    [InlineData(MaskKind.MotionGuided)]
    public void The_box_stays_inside_the_frame_and_keeps_its_size(MaskKind kind) =>
        Prop.ForAll(Cases, c =>
        {
            var boxes = Draw(new MaskRecipe { Kind = kind, Ratio = c.Ratio }, c.Grid, c.Seed).Boxes!;
            return boxes.Count == c.Grid.Slices && boxes.All(b =>
                b.Row >= 0 && b.Column >= 0 && b.Row + b.Height <= c.Grid.Rows && b.Column + b.Width <= c.Grid.Columns
                && (b.Height, b.Width) == (boxes[0].Height, boxes[0].Width));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(MaskKind.Tube, 0.9, 1408)]
    [InlineData(MaskKind.Random, 0.9, 1408)]
    [InlineData(MaskKind.MotionGuided, 0.75, 1176)]
    [InlineData(MaskKind.Frame, 0.75, 1176)]
    public void The_published_clip_hides_the_published_number(MaskKind kind, double ratio, int hidden)
    {
        var mask = Draw(new MaskRecipe { Kind = kind, Ratio = ratio }, new TubeGrid(8, 14, 14), 0);
        Assert.Equal(hidden, mask.HiddenCount);
        Assert.Equal(hidden, mask.HiddenTubes().Length);
        Assert.Equal(Enumerable.Range(0, 1568), mask.HiddenTubes().Concat(mask.VisibleTubes()).Order());
        Assert.All(mask.HiddenTubes(), tube => Assert.True(mask[tube / 196, tube % 196 / 14, tube % 14]));
    }

    [Fact]
    public void A_tube_mask_is_the_same_in_every_slice_and_a_random_one_is_not()
    {
        var grid = new TubeGrid(8, 14, 14);
        var tube = Draw(new MaskRecipe { Kind = MaskKind.Tube }, grid, 0);
        var random = Draw(new MaskRecipe { Kind = MaskKind.Random }, grid, 0);
        for (var slice = 1; slice < grid.Slices; slice++)
        {
            Assert.Equal(tube.Slice(0), tube.Slice(slice));
            Assert.False(random.Slice(0).SequenceEqual(random.Slice(slice)));
        }
    }

    [Theory]
    [InlineData(MaskKind.Tube)]
    [InlineData(MaskKind.Random)]
    [InlineData(MaskKind.SimulatedMotion)]
    public void Every_cell_is_hidden_now_and_then(MaskKind kind)
    {
        var grid = new TubeGrid(2, 6, 6);
        var counts = new int[grid.Tubes];
        for (var seed = 0; seed < 2000; seed++)
            foreach (var tube in Draw(new MaskRecipe { Kind = kind, Ratio = 0.5 }, grid, seed).HiddenTubes())
                counts[tube]++;
        // A box reaches the corners less often than the middle; a set of cells treats all alike.
        var (least, most) = kind == MaskKind.SimulatedMotion ? (50, 2000) : (850, 1150);
        Assert.All(counts, n => Assert.InRange(n, least, most));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_ratio_that_hides_nothing_is_refused(MaskKind kind) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Draw(new MaskRecipe { Kind = kind, Ratio = 0.001 }, new TubeGrid(8, 14, 14), 0));

    [Theory]
    [InlineData(MaskKind.Tube)]
    [InlineData(MaskKind.MotionGuided)]
    public void A_ratio_that_hides_everything_is_refused(MaskKind kind) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Draw(new MaskRecipe { Kind = kind, Ratio = 1 }, new TubeGrid(8, 14, 14), 0));

    [Fact]
    public void Only_a_motion_guided_mask_asks_for_motion()
    {
        var clip = new ClipRecipe();
        Assert.All(Enum.GetValues<MaskKind>(), kind => Assert.Equal(
            kind == MaskKind.MotionGuided, new MaskSampler(new MaskRecipe { Kind = kind }, clip).NeedsMotion));
        var random = new CounterRandom(0, 0, 0, Purpose.Mask);
        Assert.Throws<ArgumentNullException>(() =>
            new MaskSampler(new MaskRecipe { Kind = MaskKind.MotionGuided }, clip).Draw(null, ref random));
    }
}
