using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class WritingTests
{
    private const int Width = 64, Height = 48, Frames = 30;

    [Theory]
    [InlineData("clip.mp4", false)]
    [InlineData("clip.mkv", false)]
    [InlineData("clip.mp4", true)]
    [InlineData("clip.mkv", true)]
    public void A_written_clip_reads_back_nearly_the_same(string name, bool mpeg4)
    {
        string path = Path.Combine(MediaFiles.Scratch(), name);
        Write(path, new VideoWriterOptions { Crf = 10, Mpeg4 = mpeg4 });
        using VideoReader reader = VideoReader.Open(path);
        Assert.Equal(mpeg4 || !MediaEngine.HasH264Encoder ? "mpeg4" : "h264", reader.Info.Codec);
        Assert.Equal((Width, Height, Frames, Frames), (reader.Info.Width, reader.Info.Height, reader.FrameCount, reader.CountFrames()));
        Assert.Equal(25.0, reader.Info.FrameRate, 0.01);
        byte[] rgb = MediaFiles.ReadAll(reader, [.. Enumerable.Range(0, Frames)]);
        Assert.InRange(MeanDifference(rgb, [.. Enumerable.Range(0, Frames).SelectMany(Picture)]), 0, 4);
    }

    [Fact]
    public void The_same_frames_give_the_same_file()
    {
        string folder = MediaFiles.Scratch();
        Write(Path.Combine(folder, "a.mp4"), null);
        Write(Path.Combine(folder, "b.mp4"), null);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "a.mp4")), File.ReadAllBytes(Path.Combine(folder, "b.mp4")));
    }

    [Fact]
    public void An_unfinished_clip_leaves_nothing_behind()
    {
        string folder = MediaFiles.Scratch();
        using (var writer = new VideoWriter(Path.Combine(folder, "clip.mp4"), Width, Height, 25))
            writer.Write(Picture(0));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [SkippableFact]
    public void Key_frames_and_encoder_settings_reach_the_file()
    {
        Skip.IfNot(MediaEngine.HasH264Encoder, "this FFmpeg has no libx264");
        string path = Path.Combine(MediaFiles.Scratch(), "clip.mp4");
        Write(path, new VideoWriterOptions { KeyFrameInterval = 5, BFrames = 0, Preset = "veryfast", X264Params = "scenecut=0" });
        using VideoReader reader = VideoReader.Open(path);
        Assert.Equal("h264", reader.Info.Codec);
        MediaFiles.ReadAll(reader, 29);
        Assert.Equal(5, reader.Statistics().Decoded); // frames 25 to 29: the key frame before is near
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        var error = Assert.Throws<MediaException>(() => new VideoWriter("/nowhere/clip.mp4", Width, Height, 25));
        Assert.Contains("/nowhere/clip.mp4: the file cannot be created", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ending_of_no_container_is_refused() =>
        Assert.Contains(".mp4", Assert.Throws<MediaException>(() => new VideoWriter("/tmp/clip.what", Width, Height, 25)).Message, StringComparison.Ordinal);

    [Fact]
    public void Odd_sizes_are_refused() =>
        Assert.Throws<ArgumentException>(() => new VideoWriter("/tmp/clip.mp4", 63, 48, 25));

    [Fact]
    public void A_picture_survives_PNG_exactly()
    {
        string path = Path.Combine(MediaFiles.Scratch(), "picture.png");
        byte[] picture = Picture(7);
        PngImage.Write(path, Width, Height, picture);
        using VideoReader reader = VideoReader.Open(path);
        Assert.Equal(picture, MediaFiles.ReadAll(reader, 0));
    }

    internal static void Write(string path, VideoWriterOptions? options)
    {
        using var writer = new VideoWriter(path, Width, Height, 25, options);
        for (int i = 0; i < Frames; i++)
            writer.Write(Picture(i));
        writer.Finish();
        Assert.Equal([path], Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*"));
    }

    // Soft waves that wander.
    internal static byte[] Picture(int time)
    {
        var rgb = new byte[Width * Height * 3];
        for (int y = 0, at = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                rgb[at++] = (byte)(128 + (100 * Math.Sin((x + (2 * time)) / 9.0)));
                rgb[at++] = (byte)(128 + (100 * Math.Sin((y + time) / 7.0)));
                rgb[at++] = (byte)(128 + (60 * Math.Sin((x + y) / 11.0)));
            }
        }
        return rgb;
    }

    internal static double MeanDifference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Assert.Equal(a.Length, b.Length);
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += Math.Abs(a[i] - b[i]);
        return sum / a.Length;
    }
}
