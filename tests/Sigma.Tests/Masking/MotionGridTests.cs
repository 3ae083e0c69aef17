using Sigma.Masking;
using Sigma.Media;

namespace Sigma.Tests.Masking;

[Trait("Category", "masks")]
public class MotionGridTests
{
    // Two slices of 2×2 cells, 10 pixels each.
    private static readonly TubeGrid Grid = new(2, 2, 2);

    private static MotionGrid Read(bool subtractMedian, params MotionVector[][] frames) =>
        MotionGrid.FromVectors(Grid, frames.Length, 20, 20, frame => frames[frame], subtractMedian);

    private static float[] Slice(MotionGrid motion, int slice) => motion.Slice(slice).ToArray();

    [Fact]
    public void A_block_counts_in_each_cell_by_the_area_it_has_there()
    {
        // 10×10 in the middle: a quarter of it in each cell, a quarter of each cell covered, length 5.
        var motion = Read(false, [new MotionVector(10, 10, 10, 10, 3, -4)], []);
        Assert.Equal([1.25f, 1.25f, 1.25f, 1.25f], Slice(motion, 0));
    }

    [Fact]
    public void Vectors_that_cover_a_cell_more_than_once_are_averaged()
    {
        MotionVector[] frame = [new(5, 5, 10, 10, 2, 0), new(5, 5, 10, 10, 0, 4), new(5, 5, 10, 10, 0, 0)];
        Assert.Equal([2f, 0, 0, 0], Slice(Read(false, frame, frame), 0));
    }

    [Fact]
    public void The_frames_of_a_tube_are_added()
    {
        var motion = Read(false,
            [new MotionVector(5, 5, 10, 10, 1, 0)], [new MotionVector(5, 5, 10, 10, 0, 2)],
            [new MotionVector(15, 5, 10, 10, 3, 0)], [new MotionVector(15, 5, 10, 10, 0, 0)]);
        Assert.Equal([3f, 0, 0, 0], Slice(motion, 0));
        Assert.Equal([0f, 3, 0, 0], Slice(motion, 1));
    }

    [Fact]
    public void A_frame_without_vectors_takes_the_last_known_and_the_first_ones_the_first_known()
    {
        var motion = Read(false, [], [new MotionVector(5, 5, 10, 10, 1, 0)], [], [new MotionVector(15, 15, 10, 10, 2, 0)]);
        Assert.Equal([2f, 0, 0, 0], Slice(motion, 0));
        Assert.Equal([1f, 0, 0, 2], Slice(motion, 1));
    }

    [Fact]
    public void Without_any_vector_nothing_moves()
    {
        var motion = Read(false, [], [], [], []);
        Assert.False(motion.Moves(0) || motion.Moves(1));
        Assert.All(motion.Motion.ToArray(), m => Assert.Equal(0, m));
    }

    [Fact]
    public void Only_the_part_of_a_block_inside_the_picture_counts()
    {
        // Half of the block hangs over the left edge; the vector points far outside.
        var motion = Read(false, [new MotionVector(0, 5, 10, 10, 1000, 0)], [new MotionVector(0, 5, 10, 10, 1000, 0)]);
        Assert.Equal([500f, 0, 0, 0], Slice(motion, 0));
    }

    [Fact]
    public void A_frame_whose_blocks_all_lie_outside_is_one_without_vectors()
    {
        var motion = Read(false,
            [new MotionVector(5, 5, 10, 10, 1, 0)], [new MotionVector(-5, 5, 10, 10, 7, 0), new MotionVector(25, 5, 10, 10, 7, 0)],
            [], []);
        Assert.Equal([2f, 0, 0, 0], Slice(motion, 0));
    }

    [Fact]
    public void Vectors_that_are_no_numbers_or_have_no_area_are_left_out()
    {
        MotionVector[] frame =
        [
            new(5, 5, 10, 10, 1, 0), new(float.NaN, 5, 10, 10, 1, 0), new(5, 5, 10, 10, float.PositiveInfinity, 0),
            new(5, 5, 0, 10, 9, 0), new(5, 5, 10, -10, 9, 0),
        ];
        Assert.Equal([1f, 0, 0, 0], Slice(Read(false, frame, frame), 0));
    }

    [Fact]
    public void The_median_is_weighted_by_area_so_that_many_small_blocks_do_not_make_a_pan()
    {
        // A still background of one block, and an object of sixteen small ones.
        MotionVector[] frame =
        [
            new(10, 10, 20, 20, 1, 1),
            .. Enumerable.Range(0, 16).Select(i => new MotionVector(1 + i % 4 * 2, 1 + i / 4 * 2, 2, 2, 6, 1)),
        ];
        var motion = Read(true, frame, frame);
        Assert.True(motion.Slice(0)[0] > 1);
        Assert.Equal([0f, 0, 0], motion.Slice(0)[1..].ToArray());
    }

    [Fact]
    public void A_pan_of_a_still_picture_is_removed_by_the_median()
    {
        MotionVector[] frame = [.. Enumerable.Range(0, 4).Select(i => new MotionVector(5 + i % 2 * 10, 5 + i / 2 * 10, 10, 10, 3.25f, -1))];
        Assert.True(Read(false, frame, frame).Moves(0));
        Assert.False(Read(true, frame, frame).Moves(0));
    }

    [Fact]
    public void Mirroring_turns_the_columns_round()
    {
        MotionVector[] frame = [new(5, 5, 10, 10, 1, 0), new(5, 15, 10, 10, 2, 0)];
        Assert.Equal([0f, 1, 0, 2], Slice(Read(false, frame, frame).Mirrored(), 0));
        Assert.Equal(Slice(Read(false, frame, frame), 1), Slice(Read(false, frame, frame).Mirrored().Mirrored(), 1));
    }

    [Fact]
    public void Frames_that_do_not_fill_the_slices_are_refused() =>
        Assert.Throws<ArgumentException>(() => Read(false, [], [], []));
}
