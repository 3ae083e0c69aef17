using Sigma.Data.Synthesis;
using Sigma.Evaluation;
using Sigma.Evaluation.Segmentation;
using Sigma.Media;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Segmentation;

[Trait("Category", "segmentation")]
public sealed class SegmentationEvaluationTests : IDisposable
{
    private static readonly SegmentationSet Davis = SegmentationSet.All[0], YouTubeVos = SegmentationSet.All[1];
    private readonly MiniatureSets sets = new();
    private readonly DirectoryInfo scratch = Directory.CreateTempSubdirectory("sigma-segment-");

    public void Dispose()
    {
        sets.Dispose();
        scratch.Delete(recursive: true);
    }

    [Fact]
    public void Sixteen_frames_of_a_davis_video_are_spread_evenly()
    {
        sets.Davis(("long", 40), ("short", 5));
        var clips = Davis.Clips(sets.Root, "val");
        Assert.Equal(["long", "short"], clips.Select(clip => clip.Name));
        // The middles of 16 parts of 2.5 frames.
        Assert.Equal([1, 3, 6, 8, 11, 13, 16, 18, 21, 23, 26, 28, 31, 33, 36, 38], clips[0].Frames.Select(Number));
        Assert.Equal(clips[0].Frames.Select(Number), clips[0].Masks.Select(Number));
        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4], clips[1].Frames.Select(Number));
    }

    [Fact]
    public void Four_frames_of_a_youtube_video_are_taken_of_those_that_are_marked()
    {
        sets.YouTubeVos("train", ("0a49", 8));
        // A frame that no object is marked in needs no mask.
        File.Copy(sets["train/JPEGImages/0a49/00000.jpg"], sets["train/JPEGImages/0a49/00040.jpg"]);
        var clip = Assert.Single(YouTubeVos.Clips(sets.Root, "train"));
        Assert.Equal([5, 15, 25, 35], clip.Frames.Select(Number));
    }

    [Theory]
    [InlineData("Annotations/480p/b/00002.png", "masks of b")]
    [InlineData("JPEGImages/480p/b/00003.jpg", "frames of b")]
    public void A_missing_frame_or_mask_is_named(string file, string what)
    {
        sets.Davis(("a", 4), ("b", 6));
        File.Delete(sets[file]);
        var failure = Assert.Throws<BadInputException>(() => Davis.Clips(sets.Root, "val"));
        Assert.StartsWith($"{sets[file]} is missing: of the 6 {what}, 1 is not there", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Youtubes_public_validation_masks_are_told_to_be_too_few()
    {
        sets.YouTubeVos("valid", ("v", 5));
        foreach (var mask in Directory.EnumerateFiles(sets["valid/Annotations/v"]).Order(StringComparer.Ordinal).Skip(1).ToList())
            File.Delete(mask);
        var failure = Assert.Throws<BadInputException>(() => YouTubeVos.Clips(sets.Root, "valid"));
        Assert.Contains("00005.png is missing: of the 5 masks of v, 4 are not there", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--split train", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SegmentationProtocol.Clustering)]
    [InlineData(SegmentationProtocol.OverClustering)]
    public void A_bright_square_is_found_by_an_untrained_network(SegmentationProtocol protocol)
    {
        sets.Davis(("a", 8), ("b", 16));
        var overlays = Path.Combine(scratch.FullName, "overlays");
        var told = new List<ClipProgress>();
        var result = SegmentationEvaluation.Run(Options(protocol) with { Overlays = overlays }, told.Add);
        Assert.Equal(["a", "b"], result.Videos);
        Assert.Equal("segment", result.Command);
        Assert.Equal(64, result.CheckpointHash.Length);
        // Tokens of 8 pixels upsampled cannot draw a square of 16 pixels sharply; most of it they can.
        Assert.InRange(result.Figures["miou"], 0.6, 1);
        Assert.InRange(result.Figures["miou"], result.Intervals["miou"][0], result.Intervals["miou"][1]);
        Assert.Equal(told.Average(clip => clip.MeanIou), result.Figures["miou"], 1e-12);
        Assert.All(told, clip => Assert.Equal(2, clip.Objects));

        using var video = VideoReader.Open(Path.Combine(overlays, "a.mp4"));
        Assert.Equal((3 * 224 + 8, 224, 16), (video.Info.Width, video.Info.Height, video.CountFrames()));
        using var picture = VideoReader.Open(Path.Combine(overlays, "a.png"));
        Assert.Equal((3 * 224 + 8, 4 * 228 - 4), (picture.Info.Width, picture.Info.Height));
        // The true object is tinted in the palette's first colour, dark red; the background is left as it is.
        var row = MediaFilesRow(picture);
        Assert.Equal((230 + 128 + 1) / 2, row[PixelAt(228 + 224 * 12 / 48, 224 / 2)], 6.0);
        Assert.Equal((230 + 1) / 2, row[PixelAt(228 + 224 * 12 / 48, 224 / 2) + 1], 6.0);
        Assert.Equal(40, row[PixelAt(228 + 10, 20)], 6.0);

        static int PixelAt(int x, int y) => (y * (3 * 224 + 8) + x) * 3;
        static byte[] MediaFilesRow(VideoReader reader) => Media.MediaFiles.ReadAll(reader, 0);
    }

    [Fact]
    public void The_same_seed_gives_the_same_result()
    {
        sets.YouTubeVos("valid", ("a", 4), ("b", 6));
        var options = Options(SegmentationProtocol.OverClustering) with { Set = YouTubeVos, Split = "valid" };
        var (first, second) = (SegmentationEvaluation.Run(options, _ => { }), SegmentationEvaluation.Run(options, _ => { }));
        Assert.Equal(((MeanMetric)first.Outcomes[0]).Values, ((MeanMetric)second.Outcomes[0]).Values);
        Assert.Equal(first.Intervals["miou"], second.Intervals["miou"]);
    }

    [Fact]
    public void The_command_tells_every_clip_and_the_mean_and_writes_the_record()
    {
        sets.Davis(("a", 3));
        var json = Path.Combine(scratch.FullName, "result.json");
        string[] command = ["evaluate", "segment", Weights(), "--data", sets.Root, "--set", "davis2017", "--protocol", "overclustering", "--clusters", "4", "--seed", "7", "--device", "cpu", "--json", json];
        var ended = Cli.Program.Run(command);
        Assert.True(ended.Code == 0, ended.Errors);
        Assert.Contains("1/1 a: 2 objects, mIoU ", ended.Errors, StringComparison.Ordinal);
        Assert.Contains("mIoU   ", ended.Output, StringComparison.Ordinal);
        var result = EvaluationResult.Read(json);
        Assert.Equal(("segment", "davis2017", "val", 7L), (result.Command, result.Dataset, result.Split, result.Seed));
        Assert.Equal(4, (int)result.Settings["clusters"]!);

        File.Delete(sets["Annotations/480p/a/00002.png"]);
        var refused = Cli.Program.Run(command);
        Assert.Equal(2, refused.Code);
        Assert.Contains("Annotations/480p/a/00002.png is missing", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_that_is_no_mask_is_named()
    {
        sets.Davis(("a", 3));
        var mask = sets["Annotations/480p/a/00001.png"];
        PngImage.Write(mask, 8, 8, new byte[192]);
        var failure = Assert.Throws<MediaException>(() => SegmentationEvaluation.Run(Options(SegmentationProtocol.Clustering), _ => { }));
        Assert.StartsWith(mask, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Masks_are_shrunk_by_the_nearest_pixel()
    {
        var numbers = new byte[4];
        ClipPictures.Nearest(new MaskImage(6, 4, [.. Enumerable.Range(0, 24).Select(i => (byte)i)]), 2, numbers);
        // Middles at columns 1.5 and 4.5, rows 1 and 3: pixels (1, 1), (1, 4), (3, 1), (3, 4).
        Assert.Equal([7, 10, 19, 22], numbers);
    }

    [Fact]
    public void A_clip_longer_than_the_network_s_goes_through_it_in_pieces()
    {
        using var scope = new TensorScope();
        using var encoder = new VideoEncoder(new Initialiser(1), new EncoderShape(16, 1, 2, Slices: 2, Rows: 3, TubeFrames: 2, TubeSize: 8));
        var frames = Tensor.From([.. Enumerable.Range(0, 8 * 24 * 24 * 3).Select(i => (byte)(i * 31 % 251))], 8, 24, 24, 3);
        var whole = PatchFeatures.Of(encoder, frames);
        Assert.Equal([4, 3, 3, 16], whole.Shape);
        var second = PatchFeatures.Of(encoder, F.Narrow(frames, 0, 4, 4));
        Assert.Equal(second.ToArray<float>(), F.Narrow(whole, 0, 2, 2).ToArray<float>());
        // Two frames use the first slice's positions: what a longer clip would give there without the rest.
        Assert.Equal([1, 3, 3, 16], PatchFeatures.Of(encoder, F.Narrow(frames, 0, 0, 2)).Shape);
    }

    [Fact]
    public void The_rendered_objects_are_a_davis_set()
    {
        var folder = Path.Combine(scratch.FullName, "objects");
        new ObjectSet(2, seed: 5).Write(folder);
        var clips = Davis.Clips(folder, "val");
        Assert.Equal(2, clips.Count);
        Assert.All(clips, clip => Assert.InRange(ClipPictures.Masks(clip, 64).Objects.Count, 3, 4));
    }

    private SegmentationOptions Options(SegmentationProtocol protocol) => new()
    {
        Checkpoint = Weights(),
        Set = Davis,
        Root = sets.Root,
        Split = "val",
        Protocol = protocol,
        Seed = 1,
    };

    /// <summary>The folder of a run whose network never saw anything.</summary>
    private string Weights()
    {
        using var run = new TinyRun(videos: 0);
        var recipe = Recipe.Load(run.Recipe, ["clip.size=48", "clip.frames=4"]);
        var folder = Path.Combine(scratch.FullName, "run");
        var checkpoint = Directory.CreateDirectory(Path.Combine(folder, "checkpoints", "step-000000")).FullName;
        File.WriteAllText(Path.Combine(folder, "recipe.yaml"), recipe.ToYaml());
        using var model = new MaskedVideoModel(recipe, 0, 0);
        SafetensorsFile.Write(Path.Combine(checkpoint, "model.safetensors"), model.Parameters());
        return checkpoint;
    }

    private static int Number(string path) => int.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture);
}
