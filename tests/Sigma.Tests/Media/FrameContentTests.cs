using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class FrameContentTests
{
    [SkippableFact]
    public void Every_frame_of_every_clip_is_the_one_the_ffmpeg_program_gives_out()
    {
        MediaFiles.NeedProgram();
        Skip.IfNot(MediaFiles.All().Any(), "no video folder: set SIGMA_VIDEOS to one");
        var wrong = new List<string>();
        foreach (string path in MediaFiles.All())
        {
            string[] expected = MediaFiles.ProgramFrameMd5(path);
            if (expected.Length == 0)
                continue;
            using VideoReader reader = VideoReader.Open(path);
            string[] found = reader.FrameMd5([.. Enumerable.Range(0, expected.Length)]);
            if (!found.SequenceEqual(expected))
                wrong.Add($"{path}: {found.Zip(expected).Count(p => p.First != p.Second)} of {expected.Length} differ");
            if (reader.CountFrames() != expected.Length)
                wrong.Add($"{path}: counts {reader.CountFrames()}, not {expected.Length}");
        }
        Assert.Empty(wrong);
    }
}
