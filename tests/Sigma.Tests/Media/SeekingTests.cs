using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class SeekingTests
{
    [SkippableTheory]
    [InlineData("open-gop.mp4", "-c:v libx264 -x264-params open-gop=1:keyint=24:min-keyint=8:bframes=3:b-adapt=0")]
    [InlineData("open-gop.ts", "-c:v libx264 -x264-params open-gop=1:keyint=24:min-keyint=8:bframes=3:b-adapt=0")]
    [InlineData("open-gop.avi", "-c:v libx264 -x264-params open-gop=1:keyint=24:min-keyint=8:bframes=3:b-adapt=0")]
    [InlineData("refresh.mp4", "-c:v libx264 -x264-params intra-refresh=1:keyint=24:bframes=2")]
    [InlineData("pyramid.mkv", "-c:v libx264 -x264-params bframes=8:b-pyramid=normal:b-adapt=0:ref=6:keyint=40")]
    [InlineData("interlaced.mp4", "-c:v libx264 -flags +ildct+ilme -x264-params tff=1:keyint=30")]
    [InlineData("uneven-times.mp4", "-vf select=not(mod(n\\,3))+not(mod(n\\,7)) -vsync vfr -c:v libx264 -g 12")]
    [InlineData("open-gop-hevc.mp4", "-c:v libx265 -x265-params log-level=none:open-gop=1:keyint=24:min-keyint=8:bframes=4")]
    [InlineData("layers-hevc.mkv", "-c:v libx265 -x265-params log-level=none:temporal-layers=1:keyint=40:bframes=4")]
    [InlineData("mpeg2.ts", "-c:v mpeg2video -g 15 -bf 2 -b:v 500k")]
    [InlineData("mpeg4.avi", "-c:v mpeg4 -g 20 -bf 2 -q:v 5")]
    [InlineData("packed.avi", "-c:v libxvid -g 20 -bf 2 -q:v 5")]
    [InlineData("flash.flv", "-c:v flv1 -g 20 -q:v 5")]
    [InlineData("every-packet-a-key.avi", "-c:v h263p -s 176x144 -g 20 -q:v 5")]
    [InlineData("altref.webm", "-c:v libvpx -g 30 -auto-alt-ref 1 -lag-in-frames 16 -b:v 200k")]
    [InlineData("altref-vp9.webm", "-c:v libvpx-vp9 -g 30 -auto-alt-ref 1 -lag-in-frames 16 -b:v 200k -cpu-used 5")]
    [InlineData("no-index.wmv", "-c:v wmv2 -g 20 -q:v 5")]
    public void A_frame_reached_by_seeking_is_the_one_reached_from_the_start(string name, string encoding)
    {
        string path = MediaFiles.Made(name, encoding);
        string[] expected = MediaFiles.ProgramFrameMd5(path);
        var random = new Random(17);
        for (int trial = 0; trial < 6; trial++)
        {
            // Given a few frames in any order, some twice, when a new reader reads them, then each is the right one.
            int[] frames = [.. Enumerable.Range(0, 4).Select(_ => random.Next(expected.Length))];
            using VideoReader reader = VideoReader.Open(path);
            Assert.Equal(frames.Select(f => expected[f]), reader.FrameMd5([.. frames, frames[0]])[..4]);
        }
    }

    [SkippableFact]
    public void A_cut_that_starts_between_key_frames_shows_only_what_its_edit_list_shows()
    {
        string whole = MediaFiles.Made("whole.mp4", "-c:v libx264 -g 40 -bf 3");
        string cut = Path.Combine(Path.GetDirectoryName(whole)!, "cut.mp4");
        MediaFiles.Program("-ss", "1.1", "-i", whole, "-c", "copy", cut);
        string[] expected = MediaFiles.ProgramFrameMd5(cut);
        using VideoReader reader = VideoReader.Open(cut);
        Assert.Equal(expected.Length, reader.FrameCount);
        Assert.Equal(expected, reader.FrameMd5([.. Enumerable.Range(0, expected.Length)]));
    }

    [Fact]
    public void Only_the_groups_of_the_wanted_frames_are_decoded()
    {
        string path = Clip(keyFrames: 10, bFrames: 0);
        using VideoReader reader = VideoReader.Open(path);
        reader.FrameMd5([12, 85]);
        Assert.Equal(3 + 6, reader.Statistics().Decoded); // 10 to 12 and 80 to 85
    }

    [SkippableFact]
    public void Frames_nobody_refers_to_are_not_decoded()
    {
        Skip.IfNot(MediaEngine.HasH264Encoder, "this FFmpeg has no libx264");
        string path = Clip(keyFrames: 100, bFrames: 3, "b-adapt=0:b-pyramid=none:scenecut=0");
        using VideoReader reader = VideoReader.Open(path);
        reader.FrameMd5([0, 4, 8, 12, 16]);
        Assert.Equal((5, 9), (reader.Statistics().Decoded, reader.Statistics().Skipped)); // 13 to 15 come after 16 and are not even read
    }

    [Fact]
    public void Reading_again_backwards_gives_the_same_pictures()
    {
        string path = Clip(keyFrames: 10, bFrames: 3);
        using VideoReader reader = VideoReader.Open(path);
        byte[] first = MediaFiles.ReadAll(reader, 90), second = MediaFiles.ReadAll(reader, 5);
        Assert.Equal(first, MediaFiles.ReadAll(reader, 90));
        Assert.Equal(second, MediaFiles.ReadAll(reader, 5));
    }

    [Fact]
    public void More_threads_give_the_same_pictures()
    {
        string path = Clip(keyFrames: 30, bFrames: 3);
        using VideoReader one = VideoReader.Open(path), three = VideoReader.Open(path, threads: 3);
        int[] frames = [3, 40, 44, 48, 99];
        Assert.Equal(one.FrameMd5(frames), three.FrameMd5(frames));
    }

    [Fact]
    public void Readers_work_side_by_side()
    {
        string path = Clip(keyFrames: 30, bFrames: 3);
        string[] Read()
        {
            using VideoReader reader = VideoReader.Open(path);
            return reader.FrameMd5([7, 33, 71]);
        }
        string[] alone = Read();
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Assert.Equal(alone, Read()));
    }

    private static string Clip(int keyFrames, int bFrames, string? x264 = "scenecut=0")
    {
        string path = Path.Combine(MediaFiles.Scratch(), "clip.mp4");
        using var writer = new VideoWriter(path, 64, 48, 25, new VideoWriterOptions
        {
            KeyFrameInterval = keyFrames,
            BFrames = bFrames,
            X264Params = x264,
        });
        for (int i = 0; i < 100; i++)
            writer.Write(WritingTests.Picture(i));
        writer.Finish();
        return path;
    }
}
