using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Masking;

namespace Sigma.Tests.Masking;

[Trait("Category", "masks")]
public class MaskBoxTests
{
    private static IEnumerable<MaskBox> Sizes(TubeGrid grid, int count) => Enumerable.Range(0, 300).Select(seed =>
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Mask);
        return MaskBox.DrawSize(grid, count, ref random);
    });

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(39)]
    [InlineData(98)]
    [InlineData(147)]
    [InlineData(176)]
    public void Its_area_is_as_near_to_the_count_as_whole_cells_allow_and_its_aspect_within_one_half_and_two(int count) =>
        Assert.All(Sizes(new TubeGrid(8, 14, 14), count), box =>
        {
            Assert.InRange(Math.Abs(box.Area - count), 0, Math.Max(box.Height, box.Width) / 2.0);
            Assert.InRange((double)box.Width / box.Height, 0.5, 2);
            Assert.InRange(box.Height, 1, 14);
            Assert.InRange(box.Width, 1, 14);
        });

    [Fact]
    public void Upright_and_lying_boxes_are_drawn_alike()
    {
        var sizes = Sizes(new TubeGrid(8, 14, 14), 60).ToArray();
        Assert.True(sizes.Distinct().Count() >= 5);
        Assert.InRange(sizes.Count(box => box.Height > box.Width), 90, 210);
        Assert.InRange(sizes.Count(box => box.Width > box.Height), 90, 210);
    }

    [Fact]
    public void A_frame_too_narrow_for_the_aspect_still_gets_about_the_area() =>
        Assert.All(Sizes(new TubeGrid(8, 2, 20), 30), box => Assert.InRange(box.Area, 24, 36));

    [Fact]
    public void Every_grid_and_count_has_a_box_inside_the_frame() =>
        Prop.ForAll(Gen.Choose(1, 30).Two().SelectMany(side => Gen.Choose(1, side.Item1 * side.Item2), (side, count) => (side, count)).ToArbitrary(), c =>
        {
            var grid = new TubeGrid(1, c.side.Item1, c.side.Item2);
            var random = new CounterRandom(c.count, 0, 0, Purpose.Mask);
            var box = MaskBox.DrawSize(grid, c.count, ref random);
            return box.Height >= 1 && box.Width >= 1 && box.Height <= grid.Rows && box.Width <= grid.Columns;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Too_large_a_box_loses_the_cells_farthest_from_its_centre()
    {
        var slice = new bool[25];
        new MaskBox(1, 1, 3, 3).Hide(new TubeGrid(1, 5, 5), 5, slice);
        Assert.Equal(
            ".....\n..#..\n.###.\n..#..\n.....", Drawn(slice, 5));
    }

    [Fact]
    public void Too_small_a_box_gains_the_nearest_cells_outside()
    {
        var slice = new bool[25];
        new MaskBox(1, 1, 3, 3).Hide(new TubeGrid(1, 5, 5), 13, slice);
        Assert.Equal(
            "..#..\n.###.\n#####\n.###.\n..#..", Drawn(slice, 5));
    }

    [Fact]
    public void A_box_at_the_border_is_clamped_inside()
    {
        var grid = new TubeGrid(1, 10, 10);
        var size = new MaskBox(0, 0, 4, 3);
        Assert.Equal(new MaskBox(0, 0, 4, 3), size.CentredAt(grid, 0.5, 0.5));
        Assert.Equal(new MaskBox(6, 7, 4, 3), size.CentredAt(grid, 9.5, 9.5));
        Assert.Equal(new MaskBox(3, 4, 4, 3), size.CentredAt(grid, 5, 5.5));
    }

    private static string Drawn(bool[] slice, int columns) =>
        string.Join('\n', slice.Chunk(columns).Select(row => string.Concat(row.Select(hidden => hidden ? '#' : '.'))));
}
