using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Torch;
using Sigma.Data;
using Sigma.Evaluation.Frozen;
using Sigma.Evaluation.Inspection;
using Sigma.Media;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Tests.Evaluation.Frozen;
using Sigma.Torch;

namespace Sigma.Tests.Cli;

[Trait("Category", "evaluation")]
public sealed class InspectFeaturesCommandTests : IDisposable
{
    private readonly FrozenRun run = new();
    private readonly string video;

    public InspectFeaturesCommandTests() => TinyRun.Render(video = run.In("disc.mp4"), 2);

    public void Dispose() => run.Dispose();

    [Fact]
    public void The_figures_are_those_of_the_tokens_that_embed_takes_the_mean_of()
    {
        var facts = Inspect(run.Run);
        Assert.Equal([2, 4, 4], facts["grid"]!.AsArray().Select(n => n!.GetValue<int>()));
        using var scope = new TensorScope();
        using var encoder = FrozenEncoder.Load(run.Run);
        var clips = new ViewClips(Manifest.Of(video), new TestViews(encoder.Clip, 1, 1)).Read().Select(read => F.Clone(read.Clips)).Single();
        var tokens = F.Reshape(encoder.Tokens(clips), 32, -1);
        Assert.Equal(Sigma.Training.EffectiveRank.Of(tokens)!.Value, facts["rank"]!.GetValue<double>(), 1e-4);

        var unit = F.Normalize(tokens, 1);
        var cosines = F.Linear(unit, unit).ToArray<float>(); // [32, 32], tubes in the order slice, row, column
        double Mean(Func<int, int, bool> counts) => Enumerable.Range(0, 32 * 32).Where(pair => counts(pair / 32, pair % 32)).Average(pair => cosines[pair]);
        Assert.Equal(Mean((a, b) => b == a + 16), facts["cosineNextSlice"]!.GetValue<double>(), 1e-5);
        Assert.Equal(Mean((a, b) => b == a + 4 && a % 16 < 12 || b == a + 1 && a % 4 < 3), facts["cosineBeside"]!.GetValue<double>(), 1e-5);
        Assert.Equal(Mean((a, b) => a != b), facts["cosineAny"]!.GetValue<double>(), 1e-5);
    }

    [Fact]
    public void Of_a_frame_that_is_half_dark_the_two_halves_get_two_colours_in_every_slice()
    {
        var half = run.In("half.mp4");
        using (var writer = new VideoWriter(half, 32, 32, 25))
        {
            var pixels = new byte[32 * 32 * 3];
            for (var i = 0; i < 32 * 32; i++)
                pixels.AsSpan(i * 3, 3).Fill((byte)(i % 32 < 16 ? 30 : 220));
            for (var frame = 0; frame < 20; frame++)
                writer.Write(pixels);
            writer.Finish();
        }
        using var encoder = FrozenEncoder.Load(run.Run);
        var first = ClipFeatures.Read(half, encoder, Device.Cpu).Component(0);
        var left = first.Where((_, tube) => tube % 4 < 2).ToArray();
        var right = first.Where((_, tube) => tube % 4 >= 2).ToArray();
        Assert.True(left.Max() < right.Min() || right.Max() < left.Min(), string.Join(' ', first));
    }

    [Fact]
    public void The_picture_has_a_row_a_slice_and_two_panels_and_is_the_same_again()
    {
        Inspect(run.Run, "--out", run.In("picture.png"));
        var whole = File.ReadAllBytes(run.In("picture.png"));
        Assert.Equal(2 * 160 + 4, BinaryPrimitives.ReadInt32BigEndian(whole.AsSpan(16)));
        Assert.Equal(2 * (160 + 4) - 4, BinaryPrimitives.ReadInt32BigEndian(whole.AsSpan(20)));
        Inspect(run.Run, "--out", run.In("picture.png"));
        Assert.Equal(whole, File.ReadAllBytes(run.In("picture.png")));
    }

    [Fact]
    public void Published_weights_of_a_classifier_and_other_clips_do_as_well()
    {
        var recipe = new FineTuneRecipe { Model = EncoderRecipe.Of(ModelSize.VitTi) };
        using (var scope = new TensorScope())
        {
            using var model = new VideoClassifier(EncoderShape.Of(recipe), 3, 0);
            TorchFileWriter.Write(run.In("classifier.pth"), model.Parameters().ToDictionary(p => p.Name, p => StoredTensor.FromBytes(ScalarType.Float32, p.Value.Shape, p.Value.Bytes.ToArray())));
        }
        var facts = Inspect(run.In("classifier.pth"), "--frames", "4", "--size", "48", "--stride", "1");
        Assert.Equal([2, 3, 3], facts["grid"]!.AsArray().Select(n => n!.GetValue<int>()));
        Assert.Equal([8, 9, 10, 11], facts["frames"]!.AsArray().Select(n => n!.GetValue<int>()));
        Assert.Equal(192, facts["width"]!.GetValue<int>());
        Assert.Equal(1, facts["shares"]!.AsArray().Sum(share => share!.GetValue<double>()), 1e-9);
    }

    [Fact]
    public void A_picture_is_a_video_that_stands_still()
    {
        PngImage.Write(run.In("still.png"), 32, 32, new byte[32 * 32 * 3]);
        Assert.Equal([0, 0, 0, 0], Inspect(run.Run, run.In("still.png"), [])["frames"]!.AsArray().Select(n => n!.GetValue<int>()));
    }

    [Fact]
    public void What_cannot_work_is_refused_with_what_would_be_right()
    {
        Refused("there is no such checkpoint", run.In("nowhere"), video);
        Refused("no such file", run.Run, run.In("nowhere.mp4"));
        Refused("would be overwritten", run.Run, video, "--out", video);
        Refused("--frames and --size must be multiples", run.Run, video, "--size", "33");
        Refused("there is no folder /nowhere", run.Run, video, "--json", "/nowhere/x.json");
    }

    private JsonNode Inspect(string checkpoint, params string[] own) => Inspect(checkpoint, video, own);

    private JsonNode Inspect(string checkpoint, string of, string[] own)
    {
        var outcome = Program.Run(["inspect", "features", checkpoint, of, "--device", "cpu", "--json", run.In("found.json"), .. own]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains("(RankMe)", outcome.Output, StringComparison.Ordinal);
        return JsonNode.Parse(File.ReadAllText(run.In("found.json")))!;
    }

    private static void Refused(string because, string checkpoint, string video, params string[] own)
    {
        var outcome = Program.Run(["inspect", "features", checkpoint, video, .. own]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(because, outcome.Errors, StringComparison.Ordinal);
    }
}
