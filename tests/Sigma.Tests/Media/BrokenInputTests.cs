using Sigma.Media;

namespace Sigma.Tests.Media;

[Trait("Category", "media")]
public class BrokenInputTests
{
    [SkippableTheory]
    [InlineData("exo_invalid-bitstream.webm")]
    [InlineData("exo_subsample_encrypted_noaltref.webm")]
    [InlineData("exo_sample_with_sdt.ts")]
    [InlineData("small_AudioVideoInterleave.avi")]
    public void A_video_of_which_no_frame_decodes_says_so(string clip)
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip("ci/robustness/" + clip));
        Assert.Equal(0, reader.CountFrames());
        var error = Assert.Throws<VideoDecodeException>(() => reader.Read([0], null, 16, 16, new byte[768]));
        Assert.Equal(0, error.FramesDecoded);
        Assert.Contains(clip, error.Message, StringComparison.Ordinal);
        Assert.Contains("no frame of it decodes", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("exo_sample_opus.mp4")]
    [InlineData("exo_sample_ac3.mp4")]
    [InlineData("exo_full_blocks.mkv")]
    [InlineData("exo_sample.text.mp4")]
    [InlineData("small_mp4-with-audio.mp4")]
    public void A_file_without_pictures_is_refused_as_having_no_video_stream(string clip) =>
        Assert.Contains("no video stream", Refusal(MediaFiles.Clip("ci/robustness/" + clip)), StringComparison.Ordinal);

    [SkippableTheory]
    [InlineData("exo_sample_fragmented_clearkey.mp4")]
    [InlineData("exo_sample_fragmented_sideloaded_track.mp4")]
    [InlineData("small_FlashVideo.flv")]
    [InlineData("small_Mpeg4.mp4")]
    public void A_file_that_cannot_be_opened_is_refused_by_name(string clip) =>
        Assert.Contains(clip, Refusal(MediaFiles.Clip("ci/robustness/" + clip)), StringComparison.Ordinal);

    [SkippableTheory]
    [InlineData("exo_sample.avi", 96)]
    [InlineData("exo_sample_partially_fragmented.mp4", 30)]
    [InlineData("exo_sample_sef_slow_motion.mp4", 63)]
    [InlineData("exo_sample_sef_super_slow_motion.mp4", 435)]
    [InlineData("exo_dolbyVision-hdr.MOV", 4)]
    [InlineData("corrupted.mp4", 49)]
    [InlineData("exo_sample.mkv", 30)]
    public void A_wrong_frame_count_in_the_header_is_not_believed(string clip, int frames)
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip("ci/robustness/" + clip));
        Assert.Equal(frames, reader.CountFrames());
        Assert.NotEqual(frames, reader.Info.HeaderFrameCount);
    }

    [SkippableFact]
    public void A_frame_behind_the_last_one_is_refused_with_the_number_that_decodes()
    {
        using VideoReader reader = VideoReader.Open(MediaFiles.Clip("ci/robustness/corrupted.mp4"));
        var error = Assert.Throws<VideoDecodeException>(() => reader.Read([3, 49, 60], null, 16, 16, new byte[3 * 768]));
        Assert.Equal((49, 49), (error.Frame, error.FramesDecoded));
    }

    [SkippableFact]
    public void A_truncated_file_is_refused_or_gives_the_frames_it_still_has()
    {
        string whole = MediaFiles.Clip("ci/robustness/exo_sample.mkv");
        string cut = Path.Combine(MediaFiles.Scratch(), "cut.mkv");
        byte[] bytes = File.ReadAllBytes(whole);
        File.WriteAllBytes(cut, bytes[..(bytes.Length / 2)]);
        using VideoReader reader = VideoReader.Open(cut);
        int left = reader.CountFrames();
        Assert.InRange(left, 1, 29);
        var error = Assert.Throws<VideoDecodeException>(() => reader.Read([29], null, 16, 16, new byte[768]));
        Assert.Equal(left, error.FramesDecoded);
        reader.Read([left - 1], null, 16, 16, new byte[768]);
    }

    [Fact]
    public void A_text_file_named_mp4_is_refused_with_its_name()
    {
        string path = Path.Combine(MediaFiles.Scratch(), "notes für später.mp4");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat("These are words, not pictures.\n", 100)));
        Assert.Contains("notes für später.mp4: FFmpeg cannot open it", Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_playlist_named_mp4_opens_nothing_else()
    {
        string folder = MediaFiles.Scratch();
        string path = Path.Combine(folder, "list.mp4");
        File.WriteAllText(path, "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n");
        Refusal(path);
    }

    [Fact]
    public void An_empty_file_is_refused_as_empty()
    {
        string path = Path.Combine(MediaFiles.Scratch(), "empty.mp4");
        File.WriteAllBytes(path, []);
        Assert.Contains("empty.mp4: the file is empty", Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_refused_as_a_folder() =>
        Assert.Contains("this is a folder", Refusal(MediaFiles.Scratch()), StringComparison.Ordinal);

    [Fact]
    public void A_device_is_refused_before_it_can_block() =>
        Assert.Contains("not a regular file", Refusal("/dev/zero"), StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_refused_as_missing() =>
        Assert.Contains("/nowhere/a.mp4: there is no such file", Refusal("/nowhere/a.mp4"), StringComparison.Ordinal);

    private static string Refusal(string path)
    {
        var error = Assert.Throws<NotAVideoException>(() => VideoReader.Open(path));
        Assert.Equal(path, error.Path);
        return error.Message;
    }
}
