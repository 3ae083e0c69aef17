using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public sealed class PictureTests
{
    private const int Width = 37, Height = 21;

    [Fact]
    public void The_numbers_of_a_mask_come_back_as_they_were()
    {
        var path = Path.Combine(MediaFiles.Scratch(), "mask.png");
        var mask = new MaskImage(Width, Height, [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i * 7 % 256))]);
        mask.Write(path);
        var read = MaskImage.Read(path);
        Assert.Equal((Width, Height), (read.Width, read.Height));
        Assert.Equal(mask.Numbers, read.Numbers);
    }

    [Fact]
    public void The_palette_is_that_of_pascal_voc() =>
        Assert.Equal([0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0, 0, 0, 128], MaskImage.Palette[..15].ToArray());

    [SkippableTheory]
    [InlineData("split[a][b];[a]palettegen=max_colors=4:reserve_transparent=0[p];[b][p]paletteuse=dither=none", "pal8")]
    [InlineData("format=gray", "gray")]
    public void Masks_that_the_ffmpeg_program_wrote_are_read(string filter, string format)
    {
        var path = Path.Combine(MediaFiles.Scratch(), "mask.png");
        MediaFiles.Program("-f", "lavfi", "-i", "color=c=black:size=64x48:duration=0.04,drawbox=8:8:20:20:color=white:t=fill", "-frames:v", "1",
            "-filter_complex", filter, "-pix_fmt", format, path);
        var mask = MaskImage.Read(path);
        Assert.Equal((64, 48), (mask.Width, mask.Height));
        var inside = mask.Numbers[10 * 64 + 10];
        Assert.NotEqual(mask.Numbers[0], inside);
        Assert.Equal(400, mask.Numbers.Count(number => number == inside));
    }

    [Fact]
    public void A_picture_of_colours_is_no_mask()
    {
        var path = Path.Combine(MediaFiles.Scratch(), "colours.png");
        PngImage.Write(path, 4, 4, new byte[48]);
        var failure = Assert.Throws<MediaException>(() => MaskImage.Read(path));
        Assert.StartsWith(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains("rgb24", failure.Message, StringComparison.Ordinal);
        Assert.Contains("palette", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_masks_are_refused_with_their_name()
    {
        var path = Path.Combine(MediaFiles.Scratch(), "mask.png");
        new MaskImage(Width, Height, new byte[Width * Height]).Write(path);
        var whole = File.ReadAllBytes(path);
        foreach (var length in new[] { 0, 5, 20, whole.Length / 2 })
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.StartsWith(path, Assert.Throws<MediaException>(() => MaskImage.Read(path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_written_jpeg_reads_back_nearly_the_same()
    {
        var path = Path.Combine(MediaFiles.Scratch(), "picture.jpg");
        var rgb = new byte[Width * Height * 3];
        for (var i = 0; i < Width * Height; i++)
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)(40 + 5 * (i % Width)), (byte)(200 - 4 * (i / Width)), (byte)(90 + i % Width));
        JpegImage.Write(path, Width, Height, rgb);
        using var reader = VideoReader.Open(path);
        Assert.Equal((Width, Height, "mjpeg"), (reader.Info.Width, reader.Info.Height, reader.Info.Codec));
        var read = MediaFiles.ReadAll(reader, 0);
        Assert.InRange(rgb.Zip(read).Average(pair => Math.Abs(pair.First - pair.Second)), 0, 2);
    }
}
