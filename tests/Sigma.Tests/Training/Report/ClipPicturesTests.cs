using Sigma.Training.Report;

namespace Sigma.Tests.Training.Report;

[Trait("Category", "report")]
public class ClipPicturesTests
{
    private static ReportClip Clip(int frames, int width, int height, bool[]? hidden = null)
    {
        var rgb = new byte[frames * height * width * 3];
        new Random(5).NextBytes(rgb);
        return new ReportClip("a clip", frames, width, height, rgb, hidden, 2, 16);
    }

    [Fact]
    public void Hidden_tubes_are_hatched_and_visible_ones_are_left_alone()
    {
        var hidden = new bool[2 * 2 * 3];
        hidden[1 * 6 + 0 * 3 + 2] = true; // second slice, first row, third column
        var pictures = new ClipPictures(Clip(4, 48, 32, hidden), 128);

        Assert.Equal(pictures.Pixels(1), pictures.SeenPixels(1));
        var (original, seen) = (pictures.Pixels(2), pictures.SeenPixels(2));
        for (var y = 0; y < 32; y++)
            for (var x = 0; x < 48; x++)
            {
                var at = (y * 48 + x) * 3;
                if (y < 16 && x >= 32)
                    Assert.Contains(seen[at], new byte[] { 58, 98 });
                else
                    Assert.Equal(original.AsSpan(at, 3), seen.AsSpan(at, 3));
            }
    }

    [Fact]
    public void A_large_frame_is_shrunk_to_the_means_of_its_blocks()
    {
        var clip = Clip(1, 224, 160);
        var pictures = new ClipPictures(clip, 128);

        Assert.Equal((112, 80), (pictures.Width, pictures.Height));
        var mean = (clip.Rgb[0] + clip.Rgb[3] + clip.Rgb[224 * 3] + clip.Rgb[224 * 3 + 3] + 2) / 4;
        Assert.Equal(mean, pictures.Pixels(0)[0]);
    }

    [Fact]
    public void Sixteen_frames_are_told_by_one_of_each_slice() =>
        Assert.Equal([0, 2, 4, 6, 8, 10, 12, 14], new ClipPictures(Clip(16, 32, 32), 128).Chosen(8));

    [Fact]
    public void A_picture_is_a_png_within_its_address() =>
        Assert.StartsWith("data:image/png;base64,iVBORw0KGgo", new ClipPictures(Clip(2, 32, 32), 128).Original(1), StringComparison.Ordinal);

    [Fact]
    public void A_very_wide_picture_keeps_a_row() => Assert.Equal(128 * 3, new ClipPictures(Clip(1, 1280, 3), 128).Pixels(0).Length);

    [Fact]
    public void Bytes_that_do_not_fit_the_size_are_refused_with_the_clip_s_name()
    {
        var refusal = Assert.Throws<ArgumentException>(() => new ClipPictures(Clip(2, 32, 32) with { Width = 48 }, 128));

        Assert.Contains("\"a clip\" of 2 frames of 48×32 pixels cannot have 6144 bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 32, 32, 4, "cannot be cut into tubes of 2×16×16")]
    [InlineData(2, 40, 32, 4, "cannot be cut into tubes of 2×16×16")]
    [InlineData(2, 32, 32, 5, "has 4 tubes, and its mask 5")]
    public void A_mask_that_does_not_fit_is_refused(int frames, int width, int height, int tubes, string words)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new ClipPictures(Clip(frames, width, height, new bool[tubes]), 128));

        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }
}
