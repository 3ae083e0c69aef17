using Sigma.Data;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class TestViewsTests
{
    private static readonly LabelledClipRecipe Dense = new() { Frames = 4, Stride = 2, Size = 32, TubeSize = 8 };

    [Theory]
    [InlineData(40, 3, new[] { 0, 8, 16 })] // 20 strided frames: starts at int(i · 16 / 2)
    [InlineData(17, 3, new[] { 0, 2, 5 })] // 9 strided frames: int(i · 5 / 2)
    [InlineData(5, 2, new[] { 0, 0 })] // fewer than a clip: the same clip twice
    [InlineData(40, 1, new[] { 8 })] // a single one in the middle
    public void Dense_segments_start_where_the_published_test_starts_them(int frames, int segments, int[] starts)
    {
        var strided = FrameSampling.Test(frames, 4, 2);
        var views = new TestViews(Dense, segments, 1).Frames(frames);
        Assert.Equal(starts.Select(s => strided[s..(s + 4)]), views);
    }

    [Theory]
    [InlineData(64, 48, 42, 32)]
    [InlineData(48, 64, 32, 42)]
    [InlineData(50, 50, 32, 32)]
    public void The_short_side_becomes_the_clips_size(int width, int height, int resizedWidth, int resizedHeight) =>
        Assert.Equal((resizedWidth, resizedHeight), new TestViews(Dense, 1, 1).Resized(Video(width, height)));

    [Fact]
    public void Squares_are_spread_along_the_long_side()
    {
        Assert.Equal([(0, 0), (5, 0), (10, 0)], new TestViews(Dense, 1, 3).Corners(42, 32));
        Assert.Equal([(0, 0), (0, 5), (0, 10)], new TestViews(Dense, 1, 3).Corners(32, 42));
        Assert.Equal([(5, 0)], new TestViews(Dense, 1, 1).Corners(42, 32));
        Assert.Equal([(0, 0), (0, 0)], new TestViews(Dense, 1, 2).Corners(32, 32));
    }

    [Fact]
    public void The_views_of_a_video_are_its_resized_frames_cut_out()
    {
        using var files = new ClipFiles();
        files.RenderSome(3);
        files.WriteText("video 01.mp4", "no video");
        var manifest = Manifest.Load(files.Folder);
        var clips = new ViewClips(manifest, new TestViews(Dense, 2, 3), workers: 2);
        var read = clips.Read().Select(batch => (batch.Samples, Pixels: batch.Clips.ToArray<byte>())).ToList();

        Assert.Equal([0, 2], read.SelectMany(batch => batch.Samples));
        Assert.Equal("video 01.mp4", Path.GetFileName(Assert.Single(clips.Unreadable.List).Path));
        Assert.Equal(Expected(manifest[0].Path).Concat(Expected(manifest[2].Path)), read.SelectMany(batch => batch.Pixels));
    }

    /// <summary>The same views, frame by frame and pixel by pixel.</summary>
    private static List<byte> Expected(string path)
    {
        using var video = VideoReader.Open(path);
        var frames = video.CountFrames();
        int[] strided = [.. Enumerable.Range(0, (frames + 1) / 2).Select(i => 2 * i)];
        var pixels = new List<byte>();
        var picture = new byte[42 * 32 * 3];
        foreach (var start in new[] { 0, strided.Length - 4 })
        {
            for (var crop = 0; crop < 3; crop++)
            {
                foreach (var frame in strided[start..(start + 4)])
                {
                    video.Read([frame], null, 42, 32, picture);
                    for (var y = 0; y < 32; y++)
                        pixels.AddRange(picture[((y * 42 + 5 * crop) * 3)..((y * 42 + 5 * crop + 32) * 3)]);
                }
            }
        }
        return pixels;
    }

    private static VideoInfo Video(int width, int height) => new()
    {
        Path = "",
        Container = "",
        Codec = "",
        Width = width,
        Height = height,
        CodedWidth = width,
        CodedHeight = height,
        Rotation = 0,
        SampleAspectRatio = 1,
        FrameRate = 25,
        Duration = 1,
        HeaderFrameCount = null,
        Stream = 0,
    };
}
