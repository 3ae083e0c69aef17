using System.Formats.Tar;
using Sigma.Data;
using Sigma.Data.Packing;
using Sigma.Media;

namespace Sigma.Tests.Data.Packing;

[Trait("Category", "data")]
public sealed class DataPackerTests : IDisposable
{
    private const long SmallShard = 20_000;

    private readonly ClipFiles files = new();
    private readonly ClipFiles output = new();

    public DataPackerTests() => Skip.IfNot(MediaEngine.HasH264Encoder, "this FFmpeg has no libx264");

    private string Target => output["packed"];

    public void Dispose()
    {
        files.Dispose();
        output.Dispose();
    }

    [SkippableFact]
    public void A_packed_folder_is_a_data_set_with_the_labels_it_had()
    {
        foreach (var name in new[] { "walk/b.mp4", "run/a b.mp4", "run/c.mp4" })
            files.Render(name, 30);
        var summary = Packer().Pack(_ => { }, default);
        Assert.Equal((3, true, 0), (summary.Videos, summary.Labelled, summary.Unreadable.Count));
        Assert.InRange(summary.Psnr, 30, 70);

        var (plain, packed) = (Manifest.Load(files.Folder, labels: true), Manifest.Load(Target, labels: true));
        Assert.Equal(plain.Classes, packed.Classes);
        Assert.Equal(Enumerable.Range(0, 3).Select(i => plain[i].Label), Enumerable.Range(0, 3).Select(i => packed[i].Label));
        using var video = ClipReader.Open(packed[0].Path);
        Assert.Equal((29, 4), (video.Frames, video.Info.Stride));
    }

    [SkippableFact]
    public void Labels_of_a_list_are_kept_and_paths_outside_it_are_taken_in()
    {
        files.Render("videos/x.mp4", 12);
        files.Render("videos/y.mp4", 12);
        var list = files.WriteText("lists/train.txt", "../videos/x.mp4 jumping\n../videos/y.mp4 sitting\n");
        new DataPacker(list, Target, new()).Pack(_ => { }, default);
        var packed = Manifest.Load(Target, labels: true);
        Assert.Equal(["jumping", "sitting"], packed.Classes);
        Assert.Contains("/videos/x.mp4@", packed[0].Path, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Shards_are_tar_files_whose_members_are_whole_videos()
    {
        files.RenderSome(3);
        Packer().Pack(_ => { }, default);
        using var tar = new TarReader(File.OpenRead(Path.Combine(Target, "shard-00000.tar")));
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            var path = output[$"{names.Count}.mp4"];
            entry.ExtractToFile(path, overwrite: false);
            using var reader = VideoReader.Open(path);
            Assert.Equal(4, reader.Info.Stride);
            names.Add(entry.Name);
        }
        Assert.Equal(["video 00.mp4", "video 01.mp4", "video 02.mp4"], names);
    }

    [SkippableFact]
    public void Stopped_half_way_it_goes_on_and_gives_the_same_bytes()
    {
        files.RenderSome(7);
        var whole = output["whole"];
        new DataPacker(files.Folder, whole, new(), SmallShard).Pack(_ => { }, default);
        Assert.True(Directory.GetFiles(whole, "*.tar").Length > 1, "one shard only: nothing is tried");

        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Packer(SmallShard).Pack(done =>
        {
            if (done == 5)
                stop.Cancel();
        }, stop.Token));
        var refusal = Assert.Throws<ManifestException>(() => Manifest.Load(Target));
        Assert.Contains("not finished", refusal.Message, StringComparison.Ordinal);

        var rest = Packer(SmallShard);
        Assert.InRange(rest.Done, 1, 5);
        rest.Pack(_ => { }, default);
        foreach (var path in Directory.GetFiles(whole))
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Target, Path.GetFileName(path)))), path);
        Assert.Equal(Directory.GetFiles(whole).Length, Directory.GetFiles(Target).Length);
    }

    [SkippableFact]
    public void A_torn_shard_is_refused_with_its_name_and_sizes()
    {
        files.RenderSome(2);
        Packer().Pack(_ => { }, default);
        var tar = Path.Combine(Target, "shard-00000.tar");
        using (var file = File.OpenWrite(tar))
            file.SetLength(file.Length - 600);
        var refusal = Assert.Throws<ManifestException>(() => Manifest.Load(Target));
        Assert.Contains("shard-00000.tar has", refusal.Message, StringComparison.Ordinal);
        File.Delete(tar);
        Assert.Contains("shard-00000.tar is missing", Assert.Throws<ManifestException>(() => Manifest.Load(Target)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_is_no_video_is_set_aside_and_named()
    {
        files.RenderSome(2);
        files.WriteSilence("video 01b.mp4");
        var summary = Packer().Pack(_ => { }, default);
        Assert.Equal(2, summary.Videos);
        var left = Assert.Single(summary.Unreadable);
        Assert.EndsWith("video 01b.mp4", left.Path, StringComparison.Ordinal);
        Assert.Contains("video", left.Reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Other_settings_or_something_else_in_the_folder_are_refused()
    {
        files.RenderSome(2);
        Packer().Pack(_ => { }, default);
        Assert.Equal(2, Packer().Done);
        Assert.Contains("other settings", Assert.Throws<BadInputException>(() => new DataPacker(files.Folder, Target, new() { Crf = 30 })).Message, StringComparison.Ordinal);
        Assert.Contains("packed already", Assert.Throws<BadInputException>(() => new DataPacker(Target, output["again"], new())).Message, StringComparison.Ordinal);
        output.WriteText("full/letter.txt", "hello");
        Assert.Contains("not empty", Assert.Throws<BadInputException>(() => new DataPacker(files.Folder, output["full"], new())).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_folder_that_cannot_be_written_is_named_with_the_way_to_go_on()
    {
        files.RenderSome(1);
        Directory.CreateDirectory(Target);
        var packer = Packer();
        Directory.CreateDirectory(Path.Combine(Target, "shard-00000.tar.partial")); // stands in the way, as a full disk would
        var failure = Assert.Throws<BadInputException>(() => packer.Pack(_ => { }, default));
        Assert.Contains("goes on where it stopped", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Target, failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Clips_of_packed_videos_start_at_references_and_show_what_the_plain_ones_show()
    {
        files.RenderSome(4);
        new DataPacker(files.Folder, Target, new() { Stride = 2, Crf = 5 }).Pack(_ => { }, default);
        var recipe = ClipFiles.Recipe();
        using var loader = new ClipLoader(Manifest.Load(Target), recipe, 0, 2);
        using var batch = loader.Next(default);
        Assert.Equal(4, batch.Samples.Distinct().Count());
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new CounterRandom(seed, 0, 0, Purpose.Frames);
            Assert.Equal(0, FrameSampling.DrawOffset(100, 4, 2, ref random, packedStride: 2) % 2);
        }
    }

    private DataPacker Packer(long shardBytes = 1 << 28) => new(files.Folder, Target, new(), shardBytes);
}
