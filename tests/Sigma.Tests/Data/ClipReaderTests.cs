using Sigma.Data;
using Sigma.Data.Sets;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class ClipReaderTests : IDisposable
{
    private const int Side = 16;
    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Clips_of_a_stretch_that_were_announced_are_those_that_were_not_and_are_decoded_once()
    {
        var video = new ManifestEntry(files.Render("moving.mp4", 40), null, new FrameRange(20, 39));
        int[][] clips = [[0, 4, 8], [2, 6, 10]];
        using var plain = ClipReader.Open(video);
        var wanted = clips.Select(clip => Read(plain, clip)).ToArray();
        using var announced = ClipReader.Open(video);
        announced.Keep([.. clips.SelectMany(clip => clip)]);
        Assert.Equal(wanted[0], Read(announced, clips[0]));
        var decoded = announced.Decoded;
        Assert.Equal(wanted[1], Read(announced, clips[1]));
        Assert.Equal(decoded, announced.Decoded);
    }

    private static byte[] Read(ClipReader video, int[] frames)
    {
        var pixels = new byte[frames.Length * Side * Side * 3];
        video.Read(_ => frames, null, Side, pixels);
        return pixels;
    }
}
