using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class MotionTests
{
    private const int Width = 192, Height = 144;

    // A picture that wanders 2 pixels to the right and 1 down with every frame.
    [SkippableTheory]
    [InlineData("p.mp4", "-c:v libx264 -bf 0", false)]
    [InlineData("b.mp4", "-c:v libx264 -bf 3 -x264-params b-adapt=0:b-pyramid=normal", false)]
    [InlineData("m2.mkv", "-c:v mpeg2video -bf 2 -g 40", false)]
    [InlineData("m4.mp4", "-c:v mpeg4 -g 40", false)]
    [InlineData("h263.flv", "-c:v flv1 -g 40", false)]
    [InlineData("vp9.webm", "-c:v libvpx-vp9 -cpu-used 5", true)]
    [InlineData("hevc.mp4", "-c:v libx265 -x265-params log-level=none", true)]
    public void A_pan_is_found_per_frame_in_output_pixels(string name, string encoding, bool searched)
    {
        string path = Pan(name, encoding);
        using VideoReader reader = VideoReader.Open(path);
        var motion = new MotionVectors();
        reader.Read([5, 9, 13, 17], null, Width * 2, Height, new byte[4 * Width * 2 * Height * 3], motion);
        Assert.Equal((4, searched), (motion.Count, motion.FromBlockMatching));
        for (int i = 1; i < motion.Count; i++)
            AssertMedian(motion[i], 4, 1);
    }

    [SkippableTheory]
    [InlineData(90, 1, -2)] // FFmpeg's rotate tag counts the other way round: 90 turns the stored picture by 270
    [InlineData(270, -1, 2)]
    [InlineData(180, -2, -1)]
    public void Motion_turns_with_the_picture(int tag, double dx, double dy)
    {
        string path = Pan("p.mp4", "-c:v libx264 -bf 0");
        string turned = Path.Combine(Path.GetDirectoryName(path)!, "turned.mp4");
        MediaFiles.Program("-i", path, "-c", "copy", "-metadata:s:v", $"rotate={tag}", turned);
        using VideoReader reader = VideoReader.Open(turned);
        Skip.If(reader.Info.Rotation == 0, "the ffmpeg program here does not write rotation this way");
        Assert.Equal(360 - tag, reader.Info.Rotation);
        var motion = new MotionVectors();
        reader.Read([5, 9], null, reader.Info.Width, reader.Info.Height, new byte[2 * Width * Height * 3], motion);
        AssertMedian(motion[1], dx, dy);
    }

    [SkippableFact]
    public void Motion_is_cropped_with_the_picture()
    {
        using VideoReader reader = VideoReader.Open(Pan("p.mp4", "-c:v libx264 -bf 0"));
        var motion = new MotionVectors();
        reader.Read([5, 9], new CropBox(40, 20, 48, 48), 96, 96, new byte[2 * 96 * 96 * 3], motion);
        AssertMedian(motion[1], 4, 2);
        foreach (MotionVector v in motion[1])
        {
            Assert.InRange(v.X, -v.Width / 2, 96 + (v.Width / 2));
            Assert.InRange(v.Y, -v.Height / 2, 96 + (v.Height / 2));
        }
        Assert.InRange(motion[1].Length, 4 * 4, 4 * 100); // four frames, blocks of 8 to 16 pixels, doubled in size
    }

    [SkippableFact]
    public void Each_requested_frame_has_the_vectors_since_the_one_before_it()
    {
        using VideoReader reader = VideoReader.Open(Pan("b.mp4", "-c:v libx264 -bf 3"));
        var (coarse, fine) = (new MotionVectors(), new MotionVectors());
        var rgb = new byte[9 * Width * Height * 3];
        reader.Read([12, 4, 8, 4], null, Width, Height, rgb, coarse);
        reader.Read([4, 5, 6, 7, 8, 9, 10, 11, 12], null, Width, Height, rgb, fine);
        Assert.Equal(coarse[1].ToArray(), coarse[3].ToArray());
        Assert.Equal(fine[0].ToArray(), coarse[1].ToArray());
        Assert.Equal([.. fine[1], .. fine[2], .. fine[3], .. fine[4]], coarse[2].ToArray());
        Assert.Equal([.. fine[5], .. fine[6], .. fine[7], .. fine[8]], coarse[0].ToArray());
    }

    [SkippableFact]
    public void Pictures_are_the_same_with_and_without_motion()
    {
        using VideoReader reader = VideoReader.Open(Pan("b.mp4", "-c:v libx264 -bf 3"));
        var with = new byte[3 * Width * Height * 3];
        reader.Read([3, 11, 30], null, Width, Height, with, new MotionVectors());
        Assert.Equal(MediaFiles.ReadAll(reader, 3, 11, 30), with);
    }

    [SkippableFact]
    public void A_key_frame_has_no_vectors_and_those_after_it_have()
    {
        using VideoReader reader = VideoReader.Open(Pan("keys.mp4", "-c:v libx264 -bf 0 -g 10 -sc_threshold 0"));
        var motion = new MotionVectors();
        reader.Read([9, 10, 11], null, Width, Height, new byte[3 * Width * Height * 3], motion);
        Assert.Equal(0, motion[1].Length);
        AssertMedian(motion[2], 2, 1);
    }

    [SkippableFact]
    public void Blocks_whose_pixels_come_from_outside_the_picture_count_like_others()
    {
        using VideoReader reader = VideoReader.Open(Pan("p.mp4", "-c:v libx264 -bf 0"));
        var motion = new MotionVectors();
        reader.Read([5, 6], null, Width, Height, new byte[2 * Width * Height * 3], motion);
        MotionVector[] entering = [.. motion[1].ToArray().Where(v => v.X - (v.Width / 2) - v.Dx < 0 || v.Y - (v.Height / 2) - v.Dy < 0)];
        Assert.NotEmpty(entering);
        Assert.All(entering, v => Assert.InRange(Math.Abs(v.Dx) + Math.Abs(v.Dy), 0, 64));
    }

    internal static void AssertMedian(ReadOnlySpan<MotionVector> vectors, double dx, double dy)
    {
        Assert.NotEqual(0, vectors.Length);
        float[] x = [.. vectors.ToArray().Select(v => v.Dx).Order()], y = [.. vectors.ToArray().Select(v => v.Dy).Order()];
        Assert.Equal(dx, x[x.Length / 2], 0.3);
        Assert.Equal(dy, y[y.Length / 2], 0.3);
    }

    internal static string Pan(string name, string encoding)
    {
        string folder = MediaFiles.Scratch(), raw = Path.Combine(folder, "pan.rgb"), path = Path.Combine(folder, name);
        using (FileStream file = File.Create(raw))
        {
            for (int time = 0; time < 40; time++)
                file.Write(Picture(time));
        }
        MediaFiles.Program(
            ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{Width}x{Height}", "-r", "25", "-i", raw, .. encoding.Split(' '), path]);
        return path;
    }

    // Smooth noise: random values on a 10-pixel grid, interpolated.
    private static byte[] Picture(int time)
    {
        const int Grid = 64, Cell = 10;
        var random = new Random(5);
        var values = new float[Grid * Grid * 3];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.Next(256);
        var rgb = new byte[Width * Height * 3];
        for (int i = 0; i < rgb.Length; i++)
        {
            int colour = i % 3, x = 150 - (2 * time) + (i / 3 % Width), y = 100 - time + (i / 3 / Width);
            float Value(int column, int row) => values[(((row * Grid) + column) * 3) + colour];
            float right = x % Cell / (float)Cell, down = y % Cell / (float)Cell;
            float top = (Value(x / Cell, y / Cell) * (1 - right)) + (Value((x / Cell) + 1, y / Cell) * right);
            float bottom = (Value(x / Cell, (y / Cell) + 1) * (1 - right)) + (Value((x / Cell) + 1, (y / Cell) + 1) * right);
            rgb[i] = (byte)((top * (1 - down)) + (bottom * down));
        }
        return rgb;
    }
}
