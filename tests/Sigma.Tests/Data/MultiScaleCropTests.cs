using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public class MultiScaleCropTests
{
    [Fact]
    public void The_box_lies_inside_the_picture_on_whole_pixels() =>
        Prop.ForAll<PositiveInt, PositiveInt, PositiveInt>((w, h, size) =>
        {
            var random = new CounterRandom(0, 0, w.Get * h.Get, Purpose.Crop);
            var (width, height) = (w.Get * 7 - 6, h.Get * 5 - 4);
            var box = MultiScaleCrop.Draw(width, height, size.Get, ref random);
            return box.X >= 0 && box.Y >= 0 && box.Width >= 1 && box.Height >= 1
                && box.X + box.Width <= width && box.Y + box.Height <= height
                && double.IsInteger(box.X) && double.IsInteger(box.Y)
                && double.IsInteger(box.Width) && double.IsInteger(box.Height);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ten_pairs_of_neighbouring_scales_and_thirteen_places_are_drawn()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Crop);
        var sizes = new HashSet<(double, double)>();
        var places = new HashSet<(double, double)>();
        for (var i = 0; i < 5000; i++)
        {
            var box = MultiScaleCrop.Draw(640, 480, 224, ref random);
            sizes.Add((box.Width, box.Height));
            if (box is { Width: 480, Height: 420 })
                places.Add((box.X, box.Y));
        }
        double[] sides = [480, 420, 360, 316];
        Assert.Equal(10, sizes.Count);
        Assert.All(sizes, s => Assert.True(Math.Abs(Array.IndexOf(sides, s.Item1) - Array.IndexOf(sides, s.Item2)) <= 1, $"{s}"));
        Assert.Equal(13, places.Count);
        Assert.Superset(new HashSet<(double, double)> { (0, 0), (160, 0), (0, 60), (160, 60), (80, 30), (40, 15) }, places);
    }

    [Fact]
    public void A_side_nearly_as_long_as_the_output_is_not_resampled()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Crop);
        for (var i = 0; i < 500; i++)
        {
            var box = MultiScaleCrop.Draw(340, 258, 224, ref random); // 258 × 0.875 = 225.75
            Assert.NotEqual(225, box.Width);
            Assert.NotEqual(225, box.Height);
        }
    }
}
