using Sigma.Data;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class EvaluationClipsTests : IDisposable
{
    private static readonly ClipRecipe Clip = ClipFiles.Recipe().Clip;
    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Every_readable_video_comes_once_in_order_whatever_the_number_of_workers()
    {
        files.RenderSome(9);
        files.WriteText("video 03.mp4", "no video"); // in the place of one that was
        files.WriteText("video 08.mp4", "no video");
        var manifest = Manifest.Load(files.Folder);
        List<(int[] Samples, byte[] Clips)> Read(int workers, out UnreadableVideos unreadable)
        {
            var clips = new EvaluationClips(manifest, Clip, batch: 4, workers);
            unreadable = clips.Unreadable;
            return [.. clips.Read().Select(batch => (batch.Samples, batch.Clips.ToArray<byte>()))];
        }
        var one = Read(1, out var unreadable);
        var three = Read(3, out _);
        Assert.Equal([[0, 1, 2], [4, 5, 6, 7]], one.Select(batch => batch.Samples));
        Assert.Equal(one.Select(batch => batch.Clips), three.Select(batch => batch.Clips));
        Assert.Equal([3 * 4 * 32 * 32 * 3, 4 * 4 * 32 * 32 * 3], one.Select(batch => batch.Clips.Length));
        Assert.Equal(["video 03.mp4", "video 08.mp4"], unreadable.List.Select(video => Path.GetFileName(video.Path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_clip_holds_the_frames_of_the_middle()
    {
        files.RenderShades("shades.mp4", 30);
        var clips = new EvaluationClips(Manifest.Load(files.Folder), Clip, batch: 2, workers: 1);
        var frames = clips.Read().Single().Clips; // [1, T, H, W, 3], freed by now
        Assert.Throws<ObjectDisposedException>(() => frames.Shape);
        foreach (var (_, clip) in clips.Read())
        {
            var shades = clip.ToArray<byte>().Chunk(32 * 32 * 3).Select(frame => frame.Average(value => (double)value));
            Assert.Equal(EvaluationClips.MiddleFrames(30, Clip), shades.Select(shade => (int)Math.Round((shade - 20) / 6)));
        }
    }

    [Theory]
    [InlineData(30, new[] { 11, 13, 16, 18 })]
    [InlineData(9, new[] { 0, 2, 5, 7 })]
    [InlineData(8, new[] { 0, 2, 5, 7 })]
    [InlineData(1, new[] { 0, 0, 0, 0 })]
    public void The_middle_of_a_video_is_its_span_or_all_of_it(int videoFrames, int[] expected) =>
        Assert.Equal(expected, EvaluationClips.MiddleFrames(videoFrames, Clip));

    [Fact]
    public void A_clip_shows_the_middle_square_or_the_whole_picture()
    {
        var path = files.Render("video.mp4", 20);
        byte[] Read(CropKind crop)
        {
            var clips = new EvaluationClips(Manifest.Load(files.Folder), Clip with { Crop = crop }, batch: 1, workers: 1);
            return clips.Read().Select(batch => batch.Clips.ToArray<byte>()).Single();
        }
        byte[] Expected(CropBox? crop)
        {
            using var reader = VideoReader.Open(path);
            var rgb = new byte[4 * 32 * 32 * 3];
            reader.Read(EvaluationClips.MiddleFrames(20, Clip), crop, 32, 32, rgb);
            return rgb;
        }
        Assert.Equal(Expected(null), Read(CropKind.Resize));
        Assert.Equal(Expected(new(8, 0, 48, 48)), Read(CropKind.MultiScale));
    }
}
