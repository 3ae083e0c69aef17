using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class PackedVideoTests
{
    private const int Width = 64, Height = 48;

    [SkippableTheory]
    [InlineData(2, 41, 41)]
    [InlineData(4, 41, 41)]
    [InlineData(4, 44, 41)] // what follows the last multiple of the stride is left out
    [InlineData(4, 3, 1)]
    [InlineData(17, 40, 35)]
    public void Every_strideth_frame_is_a_reference_and_no_other_is(int stride, int frames, int packedFrames)
    {
        var packed = Pack(Moving(frames), stride, out string path);
        Assert.Equal((packedFrames, Width, Height), (packed.Frames, packed.Width, packed.Height));
        using VideoReader reader = VideoReader.Open(path);
        Assert.Equal((packedFrames, stride), (reader.FrameCount, reader.Info.Stride));
        int[] references = [.. Enumerable.Range(0, ((packedFrames - 1) / stride) + 1).Select(i => i * stride)];
        reader.FrameMd5(references);
        Assert.Equal(references.Length, reader.Statistics().Decoded);
    }

    [SkippableFact]
    public void Every_frame_read_by_its_mark_is_the_one_the_ffmpeg_program_gives_out()
    {
        Pack(Moving(81), 4, out string path);
        string[] expected = MediaFiles.ProgramFrameMd5(path);
        using VideoReader reader = VideoReader.Open(path);
        Assert.Equal(expected.Length, reader.FrameCount);
        Assert.Equal(expected, reader.FrameMd5([.. Enumerable.Range(0, expected.Length)]));
        foreach (int first in new[] { 36, 37, 5, 0 })
        {
            int[] clip = [.. Enumerable.Range(0, 8).Select(i => first + (4 * i))];
            using VideoReader fresh = VideoReader.Open(path);
            Assert.Equal(clip.Select(f => expected[f]), fresh.FrameMd5(clip));
        }
    }

    [SkippableFact]
    public void The_pictures_are_those_of_the_source_but_for_what_the_summary_tells()
    {
        string source = Moving(41);
        var packed = Pack(source, 4, out string path);
        using VideoReader before = VideoReader.Open(source), after = VideoReader.Open(path);
        Assert.InRange(WritingTests.MeanDifference(MediaFiles.ReadAll(before, 8, 20, 33), MediaFiles.ReadAll(after, 8, 20, 33)), 0, 3);
        double psnr = 10 * Math.Log10(255.0 * 255 * packed.Samples / packed.SquaredError);
        Assert.InRange(psnr, 35, 60);
        Assert.Equal(41L * Width * Height * 3 / 2, packed.Samples);
    }

    [SkippableFact]
    public void Motion_between_references_is_that_between_the_sampled_frames()
    {
        Skip.IfNot(MediaEngine.HasH264Encoder, "this FFmpeg has no libx264");
        string source = MotionTests.Pan("p.mp4", "-c:v libx264 -crf 5 -bf 0");
        Pack(source, 4, out string path);
        using VideoReader reader = VideoReader.Open(path);
        var motion = new MotionVectors();
        reader.Read([4, 8, 12, 16], null, reader.Info.Width, reader.Info.Height, new byte[4 * reader.Info.Width * reader.Info.Height * 3], motion);
        Assert.InRange(reader.Statistics().Decoded, 4, 5); // 0 to 16, and none between
        for (int i = 1; i < 4; i++)
            MotionTests.AssertMedian(motion[i], 2, 1);
    }

    [SkippableFact]
    public void Large_pictures_are_shrunk_turned_upright_and_small_ones_left()
    {
        Skip.IfNot(MediaEngine.HasH264Encoder, "this FFmpeg has no libx264");
        var small = PackedVideo.From(MediaFiles.Clip("ci/robustness/video_90.mov"), new PackOptions { ShortSide = 64 });
        Assert.Equal((64, 114), (small.Width, small.Height));
        Assert.Equal((Width, Height), (PackedVideo.From(Moving(9), new PackOptions()) is var kept ? (kept.Width, kept.Height) : default));
    }

    [SkippableFact]
    public void A_mark_that_does_not_hold_is_found_out_and_the_frames_are_right()
    {
        string[] expected = MediaFiles.ProgramFrameMd5(Moving(41));
        string path = Moving(41), lying = Path.Combine(Path.GetDirectoryName(path)!, "lying.mp4");
        MediaFiles.Program("-i", path, "-c", "copy", "-metadata", "comment=packed for stride 4, 41 frames, a key frame every 32", lying);
        using VideoReader reader = VideoReader.Open(lying);
        Assert.Equal(expected, reader.FrameMd5([.. Enumerable.Range(0, 41)]));
    }

    [SkippableFact]
    public void A_range_beyond_the_end_of_the_shard_is_refused_with_its_name()
    {
        string tar = Path.Combine(MediaFiles.Scratch(), "shard-00000.tar");
        File.WriteAllBytes(tar, new byte[1000]);
        var failure = Assert.Throws<NotAVideoException>(() => VideoReader.Open(tar + "/a.mp4@512+4000"));
        Assert.Contains("not whole", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<NotAVideoException>(() => VideoReader.Open(tar + "/a.mp4@x+y")).Message, StringComparison.Ordinal);
    }

    private static PackedVideo Pack(string source, int stride, out string path)
    {
        Skip.IfNot(MediaEngine.HasH264Encoder, "this FFmpeg has no libx264");
        var packed = PackedVideo.From(source, new PackOptions { Stride = stride });
        path = Path.Combine(MediaFiles.Scratch(), "packed.mp4");
        File.WriteAllBytes(path, packed.File);
        return packed;
    }

    private static string Moving(int frames)
    {
        string path = Path.Combine(MediaFiles.Scratch(), "clip.mp4");
        using var writer = new VideoWriter(path, Width, Height, 25, new VideoWriterOptions { KeyFrameInterval = 30 });
        for (int i = 0; i < frames; i++)
            writer.Write(WritingTests.Picture(i));
        writer.Finish();
        return path;
    }
}
