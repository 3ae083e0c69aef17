using Sigma.Media;

namespace Sigma.Tests.Media;

/// <summary>What is left out or remembered to save time changes no picture.</summary>
[Trait("Category", "media")]
public class ReuseTests
{
    [SkippableFact]
    public void A_strided_clip_is_bit_identical_to_the_same_frames_of_decoding_everything() => AssertIdentical("ci/clips");

    [SkippableFact]
    [Trait("Category", "long")]
    public void Strided_clips_of_all_videos_are_bit_identical_to_the_same_frames_of_decoding_everything() => AssertIdentical("");

    [SkippableFact]
    public void A_file_that_was_replaced_is_read_anew()
    {
        string path = Path.Combine(MediaFiles.Scratch(), "clip.mp4");
        WritingTests.Write(path, null);
        int before = Frames(path);
        string other = Path.Combine(MediaFiles.Scratch(), "other.mp4");
        using (var writer = new VideoWriter(other, 64, 48, 25))
        {
            for (int i = 0; i < 7; i++)
                writer.Write(WritingTests.Picture(i));
            writer.Finish();
        }
        File.Move(other, path, overwrite: true);
        Assert.Equal((true, 7), (before != 7, Frames(path)));
    }

    [Fact]
    public void Files_written_alike_do_not_disturb_one_another()
    {
        // One decoder serves them all, one after the other.
        string[] paths = [.. Enumerable.Range(0, 3).Select(i => Path.Combine(MediaFiles.Scratch(), $"{i}.mp4"))];
        for (int i = 0; i < paths.Length; i++)
        {
            using var writer = new VideoWriter(paths[i], 64, 48, 25);
            for (int frame = 0; frame < 30; frame++)
                writer.Write(WritingTests.Picture((40 * i) + frame));
            writer.Finish();
        }
        string[][] alone = [.. paths.Select(OnThreadOfItsOwn)];
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < paths.Length; i++)
                Assert.Equal(alone[i], Md5(paths[i]));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Clips_announced_together_are_decoded_once_and_read_as_alone(bool withMotion)
    {
        string path = Path.Combine(MediaFiles.Scratch(), "clip.mp4");
        using (var writer = new VideoWriter(path, 64, 48, 25))
        {
            for (int frame = 0; frame < 60; frame++)
                writer.Write(WritingTests.Picture(frame));
            writer.Finish();
        }
        int[][] clips = [[30, 34, 38, 42], [20, 24, 28, 32], [31, 35, 39, 43], [30, 34, 38, 42]];
        CropBox[] crops = [new(0, 0, 48, 48), new(8, 4, 40, 40), new(3, 3, 33, 29), new(16, 0, 48, 48)];
        (byte[] Pixels, MotionVector[] Vectors) Read(VideoReader reader, int clip)
        {
            var rgb = new byte[4 * 32 * 32 * 3];
            var motion = withMotion ? new MotionVectors() : null;
            reader.Read(clips[clip], crops[clip], 32, 32, rgb, motion);
            return (rgb, motion is null ? [] : [.. Enumerable.Range(1, 3).SelectMany(i => motion[i].ToArray())]);
        }
        using VideoReader together = VideoReader.Open(path), all = VideoReader.Open(path);
        all.FrameMd5([.. Enumerable.Range(0, 44)]);
        together.Keep([.. clips.SelectMany(frames => frames)]);
        for (int clip = 0; clip < clips.Length; clip++)
        {
            using VideoReader alone = VideoReader.Open(path);
            var (expected, found) = (Read(alone, clip), Read(together, clip));
            Assert.Equal(expected.Pixels, found.Pixels);
            Assert.Equal(expected.Vectors, found.Vectors);
        }
        Assert.InRange(together.Statistics().Decoded, 1, all.Statistics().Decoded);
    }

    private static string[] OnThreadOfItsOwn(string path)
    {
        string[] md5 = [];
        var thread = new Thread(() => md5 = Md5(path));
        thread.Start();
        thread.Join();
        return md5;
    }

    private static string[] Md5(string path)
    {
        using VideoReader reader = VideoReader.Open(path);
        return reader.FrameMd5([21, 3, 28]);
    }

    private static int Frames(string path)
    {
        using VideoReader reader = VideoReader.Open(path);
        return reader.FrameCount;
    }

    private static void AssertIdentical(string folder)
    {
        string root = MediaFiles.Clip(folder);
        string[] videos = [.. MediaFiles.All().Where(path => path.StartsWith(root, StringComparison.Ordinal))];
        Skip.If(videos.Length == 0, "no videos here");
        long skipped = 0;
        foreach (string path in videos)
        {
            if (Whole(path) is not { Length: > 0 } all)
                continue;
            foreach (int first in new[] { 0, all.Length / 3, all.Length - 1 })
            {
                using VideoReader reader = VideoReader.Open(path);
                int[] clip = [.. Enumerable.Range(0, 8).Select(i => Math.Min(first + (4 * i), all.Length - 1))];
                Assert.Equal((path, string.Join(' ', clip.Select(frame => all[frame]))), (path, string.Join(' ', reader.FrameMd5(clip))));
                skipped += reader.Statistics().Skipped;
            }
        }
        Assert.NotEqual(0, skipped);
    }

    // Every frame, none of which can be skipped as all are wanted; nothing where the file holds no video.
    private static string[] Whole(string path)
    {
        try
        {
            using VideoReader reader = VideoReader.Open(path);
            return reader.FrameMd5([.. Enumerable.Range(0, reader.CountFrames())]);
        }
        catch (MediaException)
        {
            return [];
        }
    }
}
