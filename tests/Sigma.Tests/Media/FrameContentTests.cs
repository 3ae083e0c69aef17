using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class FrameContentTests
{
    [SkippableTheory]
    [InlineData("ci/clips/v_Basketball_g01_c01.avi")]
    [InlineData("ci/clips/h264_10bits.mp4")]
    [InlineData("ci/clips/h265_10bits.mp4")]
    [InlineData("ci/clips/av1_video.mkv")]
    [InlineData("ci/clips/nasa_13013.mp4")]
    [InlineData("ci/robustness/exo_roadtrip-vp92-10bit.webm")]
    [InlineData("ci/robustness/exo_sample.flv")]
    [InlineData("ci/robustness/exo_sample_h262_mpeg_audio.ts")]
    [InlineData("ci/robustness/exo_sample_sef_slow_motion.mp4")]
    [InlineData("ci/robustness/exo_video_desks.3gp")]
    [InlineData("ci/robustness/corrupted.mp4")]
    [InlineData("ci/robustness/unordered.mov")]
    [InlineData("ci/robustness/video_90.mov")]
    public void Every_frame_is_the_one_the_ffmpeg_program_gives_out(string clip) =>
        Assert.Null(Difference(MediaFiles.Clip(clip)));

    [SkippableFact]
    [Trait("Category", "long")]
    public void Every_frame_of_every_clip_is_the_one_the_ffmpeg_program_gives_out()
    {
        Skip.IfNot(MediaFiles.All().Any(), "no video folder: set SIGMA_VIDEOS to one");
        Assert.Empty(MediaFiles.All().Select(Difference).OfType<string>());
    }

    // Reads all frames in order, then some alone with a reader of their own, so that seeking is held to the same frames.
    private static string? Difference(string path)
    {
        string[] expected = MediaFiles.ProgramFrameMd5(path);
        if (expected.Length == 0)
            return null;
        using VideoReader reader = VideoReader.Open(path);
        if (reader.CountFrames() != expected.Length)
            return $"{path} counts {reader.CountFrames()} frames, not {expected.Length}";
        string[] found = reader.FrameMd5([.. Enumerable.Range(0, expected.Length)]);
        if (!found.SequenceEqual(expected))
            return $"{path} differs in {found.Zip(expected).Count(p => p.First != p.Second)} of {expected.Length} frames";
        foreach (int frame in new[] { expected.Length - 1, expected.Length / 2 })
        {
            using VideoReader fresh = VideoReader.Open(path);
            if (fresh.FrameMd5([frame])[0] != expected[frame])
                return $"{path} differs in frame {frame} when that is read alone";
        }
        return null;
    }
}
