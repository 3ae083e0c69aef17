using Sigma.Data;
using Sigma.Recipes;
using Sigma.Tests.Media;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class UnreadableVideoTests : IDisposable
{
    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void What_is_no_video_is_set_aside_and_named_once_with_its_reason()
    {
        files.RenderSome(5);
        files.WriteText("text.mp4", "Dear diary,\n");
        files.WriteText("empty.mkv", "");
        files.Truncate("truncated.mp4", "video 00.mp4");
        files.WriteSilence("sound only.mp4");
        var list = files.WriteText("list.txt", string.Concat(
            Directory.EnumerateFiles(files.Folder).Order(StringComparer.Ordinal).Append("gone.mp4").Select(path => $"\"{path}\"\n")));
        using var loader = new ClipLoader(Manifest.Load(list), Recipe(limit: 0.6), workers: 2);
        for (var i = 0; i < 12; i++)
        {
            using var batch = loader.Next(default);
            Assert.All(batch.Samples, sample => Assert.StartsWith("video", Path.GetFileName(Manifest.Load(list)[sample].Path), StringComparison.Ordinal));
        }
        Assert.Equal(
            ["empty.mkv", "gone.mp4", "sound only.mp4", "text.mp4", "truncated.mp4"],
            loader.Findings.Unreadable.List.Select(video => Path.GetFileName(video.Path)).Order(StringComparer.Ordinal));
        Assert.All(loader.Findings.Unreadable.List, video =>
        {
            Assert.DoesNotContain(video.Path, video.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', video.Reason);
            Assert.NotEmpty(video.Reason);
        });
    }

    [Fact]
    public void What_stands_in_does_not_depend_on_workers_or_on_what_is_known_already()
    {
        files.RenderSome(6);
        for (var i = 0; i < 3; i++)
            files.WriteText($"video 0{i}a.mp4", "no video");
        var manifest = Manifest.Load(files.Folder);
        List<string> Digests(int workers, long first, int count)
        {
            using var loader = new ClipLoader(manifest, Recipe(limit: 0.5), first, workers);
            return ClipFiles.Digests(loader, count);
        }
        var whole = Digests(workers: 1, first: 0, count: 9);
        Assert.Equal(whole, Digests(workers: 3, first: 0, count: 9));
        Assert.Equal(whole[4..], Digests(workers: 2, first: 4, count: 5));
    }

    [Fact]
    public void More_than_the_recipe_allows_stop_the_run_with_names_and_advice()
    {
        files.RenderSome(6);
        files.WriteText("bad 1.mp4", "no video");
        files.WriteText("bad 2.mp4", "no video");
        using var loader = new ClipLoader(Manifest.Load(files.Folder), Recipe(limit: 0.2), workers: 2);
        var e = Assert.Throws<TooManyUnreadableException>(() =>
        {
            for (var i = 0; i < 10; i++)
                loader.Next(default).Dispose();
        });
        Assert.Equal((2, 8), (e.Unreadable.Count, e.Count));
        Assert.StartsWith("2 of 8 videos cannot be read so far, more than the 20% that data.unreadableLimit allows:", e.Message, StringComparison.Ordinal);
        Assert.Contains($"\n  {files["bad 1.mp4"]}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("--set data.unreadableLimit=", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_as_the_recipe_allows_do_not()
    {
        files.RenderSome(6);
        files.WriteText("bad 1.mp4", "no video");
        files.WriteText("bad 2.mp4", "no video");
        using var loader = new ClipLoader(Manifest.Load(files.Folder), Recipe(limit: 0.25), workers: 2);
        Assert.Equal(10, ClipFiles.Digests(loader, 10).Count);
        Assert.Equal(2, loader.Findings.Unreadable.Count);
    }

    [Fact]
    public void A_set_without_any_readable_video_is_refused_and_not_searched_for_ever()
    {
        for (var i = 0; i < 3; i++)
            files.WriteText($"{i}.mp4", "no video");
        using var loader = new ClipLoader(Manifest.Load(files.Folder), Recipe(limit: 1), workers: 3);
        var e = Assert.Throws<TooManyUnreadableException>(() => loader.Next(default));
        Assert.StartsWith("None of the 3 videos can be read:", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Of_the_odd_real_files_those_without_a_frame_are_set_aside_and_all_others_read()
    {
        string[] expected =
        [
            "exo_full_blocks.mkv", "exo_invalid-bitstream.webm", "exo_sample.text.mp4", "exo_sample_ac3.mp4",
            "exo_sample_fragmented_clearkey.mp4", "exo_sample_fragmented_sideloaded_track.mp4", "exo_sample_opus.mp4",
            "exo_sample_with_sdt.ts", "exo_subsample_encrypted_noaltref.webm", "small_AudioVideoInterleave.avi",
            "small_FlashVideo.flv", "small_Mpeg4.mp4", "small_mp4-with-audio.mp4",
        ];
        var manifest = Manifest.Load(MediaFiles.Clip("ci/robustness"));
        using var loader = new ClipLoader(manifest, Recipe(limit: 1) with { Optimizer = new() { Batch = manifest.Count } }, workers: 2);
        using var batch = loader.Next(default);
        Assert.Equal(expected, loader.Findings.Unreadable.List.Select(video => Path.GetFileName(video.Path)).Order(StringComparer.Ordinal));
        Assert.Equal(manifest.Count - expected.Length, batch.Samples.Distinct().Count());
    }

    private static Recipe Recipe(double limit) => ClipFiles.Recipe() with { Data = new() { UnreadableLimit = limit } };
}
