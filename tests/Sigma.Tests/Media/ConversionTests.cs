using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class ConversionTests
{
    [SkippableTheory]
    [InlineData("video_0.mov", 0, 568, 320)]
    [InlineData("video_90.mov", 90, 320, 568)]
    [InlineData("video_180.mov", 180, 568, 320)]
    [InlineData("video_270.mov", 270, 320, 568)]
    public void A_rotated_clip_is_shown_upright(string clip, int rotation, int width, int height)
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip("ci/robustness/" + clip));
        Assert.Equal((rotation, width, height), (reader.Info.Rotation, reader.Info.Width, reader.Info.Height));
        MediaFiles.NeedProgram();
        byte[] expected = ProgramPicture(reader.Info.Path, width, height);
        Assert.InRange(WritingTests.MeanDifference(expected, MediaFiles.ReadAll(reader, 0)), 0, 1.5);
    }

    [SkippableFact]
    public void Pixels_that_are_not_square_widen_the_picture()
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip("ci/robustness/exo_video_desks.3gp"));
        Assert.Equal((352, 288, 384, 288), (reader.Info.CodedWidth, reader.Info.CodedHeight, reader.Info.Width, reader.Info.Height));
        byte[] expected = ProgramPicture(reader.Info.Path, 384, 288);
        Assert.InRange(WritingTests.MeanDifference(expected, MediaFiles.ReadAll(reader, 0)), 0, 1.5);
    }

    [SkippableTheory]
    [InlineData("bt709_full_range.mp4", true)] // full range, BT.709
    [InlineData("h264_10bits.mp4", true)]
    [InlineData("h265_10bits.mp4", true)]
    [InlineData("nasa_13013.mp4", true)]
    [InlineData("av1_video.mkv", false)]
    public void Colours_are_those_the_ffmpeg_program_shows(string clip, bool chromaIsLeft)
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip("ci/clips/" + clip));
        // The program must be told where H.264 and HEVC place chroma samples; by itself it takes the centre.
        byte[] expected = ProgramPicture(
            reader.Info.Path, reader.Info.Width, reader.Info.Height, chromaIsLeft ? ":in_h_chr_pos=0:in_v_chr_pos=128" : "");
        Assert.InRange(WritingTests.MeanDifference(expected, MediaFiles.ReadAll(reader, 0)), 0, 1.5);
    }

    [SkippableTheory]
    [InlineData("ci/clips/realshort.mp4", 0)]
    [InlineData("ci/clips/h264_10bits.mp4", 0)]
    [InlineData("ci/robustness/exo_bear-vp9-odd-dimensions.webm", 1)] // swscale stretches the chroma of odd widths by half a sample
    [InlineData("ci/robustness/video_90.mov", 0)]
    [InlineData("ci/robustness/video_180.mov", 0)]
    [InlineData("ci/robustness/video_270.mov", 0)]
    public void A_crop_is_that_part_of_the_whole_picture_at_odd_corners_too(string clip, double tolerance)
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip(clip));
        int whole = reader.Info.Width;
        byte[] picture = MediaFiles.ReadAll(reader, 0);
        foreach ((int x, int y) in new[] { (0, 0), (16, 8), (17, 8), (16, 9), (33, 21) })
        {
            const int Width = 96, Height = 80;
            var crop = new byte[Width * Height * 3];
            reader.Read([0], new CropBox(x, y, Width, Height), Width, Height, crop);
            // Chroma at the very edge of a crop knows nothing of the pixels outside.
            var (inside, same) = (new List<byte>(), new List<byte>());
            for (int row = 2; row < Height - 2; row++)
            {
                inside.AddRange(crop.AsSpan(((row * Width) + 2) * 3, (Width - 4) * 3));
                same.AddRange(picture.AsSpan((((row + y) * whole) + x + 2) * 3, (Width - 4) * 3));
            }
            Assert.InRange(WritingTests.MeanDifference(inside.ToArray(), same.ToArray()), 0, tolerance);
        }
    }

    [Fact]
    public void Shrinking_averages_the_pixels_it_covers()
    {
        string path = Path.Combine(MediaFiles.Scratch(), "stripes.png");
        var stripes = new byte[256 * 64 * 3];
        for (int i = 0; i < stripes.Length; i++)
            stripes[i] = (byte)(i / 3 % 2 == 0 ? 0 : 200);
        PngImage.Write(path, 256, 64, stripes);
        using VideoReader reader = VideoReader.Open(path);
        var small = new byte[32 * 8 * 3];
        reader.Read([0], null, 32, 8, small);
        Assert.All(small, v => Assert.InRange(v, 80, 120));
    }

    [SkippableFact]
    public void Frames_come_in_the_order_asked_for_and_may_repeat()
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip("ci/clips/realshort.mp4"));
        byte[] expected = [.. MediaFiles.ReadAll(reader, 20), .. MediaFiles.ReadAll(reader, 3), .. MediaFiles.ReadAll(reader, 20)];
        Assert.Equal(expected, MediaFiles.ReadAll(reader, 20, 3, 20));
    }

    [SkippableFact]
    public void A_crop_outside_the_picture_and_a_short_buffer_are_refused()
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip("ci/clips/realshort.mp4"));
        var outside = Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read([0], new CropBox(300, 0, 40, 40), 8, 8, new byte[192]));
        Assert.Contains("320×240", outside.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => reader.Read([0, 1], null, 8, 8, new byte[192]));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read([-1], null, 8, 8, new byte[192]));
    }

    // The first frame as the ffmpeg program shows it: turned, widened, in RGB.
    private static byte[] ProgramPicture(string path, int width, int height, string scaling = "")
    {
        string output = Path.Combine(MediaFiles.Scratch(), "picture.rgb");
        MediaFiles.Program(
            "-i", path, "-frames:v", "1", "-vf", $"scale={width}:{height}:flags=area+accurate_rnd+full_chroma_int{scaling}", "-pix_fmt", "rgb24", "-f", "rawvideo", output);
        return File.ReadAllBytes(output);
    }
}
