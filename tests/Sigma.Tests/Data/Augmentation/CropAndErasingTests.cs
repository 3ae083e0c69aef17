using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Data.Augmentation;

namespace Sigma.Tests.Data.Augmentation;

[Trait("Category", "data")]
public sealed class CropAndErasingTests
{
    [Fact]
    public void A_crop_lies_in_the_picture_with_an_area_and_an_aspect_as_asked() =>
        Prop.ForAll<PositiveInt, PositiveInt, PositiveInt>((seed, w, h) =>
        {
            var (width, height) = (20 + w.Get, 20 + h.Get);
            var random = new CounterRandom(seed.Get, 0, 0, Purpose.Crop);
            var box = RandomResizedCrop.Draw(width, height, 0.25, ref random);
            var (share, aspect) = (box.Width * box.Height / (width * height), box.Width / box.Height);
            // Sides are whole pixels; a picture longer than 4:3 may fit no box of a large area, then its middle is taken.
            var inside = box is { X: >= 0, Y: >= 0, Width: > 0, Height: > 0 } && box.X + box.Width <= width && box.Y + box.Height <= height;
            return inside && share > 0.2 && aspect is > 0.65 and < 1.5;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_whole_of_a_square_is_kept_where_the_least_area_is_all_of_it()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Crop);
        for (var i = 0; i < 50; i++)
        {
            var box = RandomResizedCrop.Draw(48, 48, 1, ref random);
            Assert.InRange(box.Width * box.Height, 47 * 47, 48 * 48);
        }
    }

    [Fact]
    public void A_box_is_erased_as_often_as_asked_within_its_share_of_the_area() =>
        Prop.ForAll<PositiveInt>(seed =>
        {
            var random = new CounterRandom(seed.Get, 0, 0, Purpose.Erasing);
            return RandomErasing.Draw(64, 1, ref random) is not { } box
                || (box.X >= 0 && box.Y >= 0 && box.X + box.Width <= 64 && box.Y + box.Height <= 64
                    && box.Width * box.Height / 4096.0 is > 0.015 and < 0.36);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Erasing_comes_with_its_probability()
    {
        var random = new CounterRandom(0, 0, 0, Purpose.Erasing);
        var erased = Enumerable.Range(0, 4000).Count(_ => RandomErasing.Draw(64, 0.25, ref random) is not null);
        Assert.InRange(erased, 900, 1100);
    }

    [Fact]
    public void The_box_is_the_same_in_all_frames_and_its_pixels_are_not()
    {
        const int size = 16, frames = 3, frame = size * size * 3;
        var clip = new byte[frames * frame];
        clip.AsSpan().Fill(7);
        var random = new CounterRandom(0, 0, 0, Purpose.Erasing);
        RandomErasing.Fill(clip, size, new(4, 2, 6, 5), ref random);
        for (var i = 0; i < clip.Length; i++)
        {
            var (x, y) = (i / 3 % size, i / 3 / size % size);
            if (x is < 4 or >= 10 || y is < 2 or >= 7)
                Assert.Equal(7, clip[i]);
        }
        Assert.NotEqual(clip[..frame], clip[frame..(2 * frame)]);
        Assert.InRange(clip.Count(v => v != 7), 3 * 6 * 5 * 3 - 15, 3 * 6 * 5 * 3);
    }
}
