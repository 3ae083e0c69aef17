using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Sigma.Masking;
using Sigma.Media;
using Sigma.Recipes;
using Sigma.Tests.Media;

namespace Sigma.Tests.Cli;

[Trait("Category", "masks")]
public sealed class InspectMotionCommandTests : IDisposable
{
    private const int Side = 128;
    private readonly string folder = Directory.CreateTempSubdirectory("sigma-inspect-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_texture_that_goes_right_by_two_pixels_a_frame_is_found_to_go_that_far()
    {
        var facts = Inspect(Moving("right.mp4", 2), out var output);
        // 128 pixels of the video are 224 of the clip.
        Assert.InRange(facts["median"]!.GetValue<double>(), 3.3, 3.7);
        Assert.InRange(facts["percentile95"]!.GetValue<double>(), 3.3, 4.5);
        Assert.Equal(0, facts["framesWithout"]!.AsArray().Single()!.GetValue<int>());
        Assert.InRange(facts["covered"]!.GetValue<double>(), 0.9, 1);
        Assert.Equal(8, facts["slices"]!.AsArray().Count);
        Assert.Equal(["codec", "motion-guided"], [facts["vectors"]!.GetValue<string>(), facts["mask"]!["mask"]!.GetValue<string>()]);
        Assert.Contains("frames without: 0 (coded on their own", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_points_of_a_texture_that_goes_right_point_right()
    {
        var recipe = new Recipe { Clip = new() { Crop = CropKind.Resize }, Mask = new() { Kind = MaskKind.MotionGuided, Ratio = 0.75 } };
        var motion = new ClipMotion(InspectedClip.Read(Moving("right.mp4", 2), recipe));
        for (var slice = 0; slice < 8; slice++)
        {
            var points = motion.Points(slice).ToArray().OfType<FlowPoint>().ToArray();
            Assert.InRange(points.Average(point => point.Dx), 3, 4);
            Assert.InRange(points.Average(point => Math.Abs(point.Dy)), 0, 0.5);
        }
    }

    [Fact]
    public void A_file_whose_every_frame_is_coded_on_its_own_is_told_plainly_and_how_to_cure_it()
    {
        var video = Moving("intra.mp4", 2, new() { KeyFrameInterval = 1 });
        var facts = Inspect(video, out var output);
        Assert.Equal("none", facts["vectors"]!.GetValue<string>());
        Assert.Null(facts["median"]);
        Assert.Equal(0, facts["covered"]!.GetValue<double>());
        Assert.Equal("simulated-motion", facts["mask"]!["mask"]!.GetValue<string>());
        Assert.Contains("intra-only", output, StringComparison.Ordinal);
        Assert.Contains("sigma data pack", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_still_clip_has_vectors_that_do_not_move()
    {
        var facts = Inspect(Moving("still.mp4", 0), out var output);
        Assert.Equal(["codec", "simulated-motion"], [facts["vectors"]!.GetValue<string>(), facts["mask"]!["mask"]!.GetValue<string>()]);
        Assert.Equal(0, facts["fullColour"]!.GetValue<double>());
        Assert.Contains("nothing moves in this clip", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Vectors_that_were_searched_are_not_called_the_codec_s()
    {
        var facts = Inspect(MediaFiles.Clip("ci/clips/bear-vp9.webm"), out var output);
        Assert.Equal("block-matching", facts["vectors"]!.GetValue<string>());
        Assert.Contains("the decoder of vp9 hands out none", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_has_a_row_a_slice_four_panels_and_the_keys_below()
    {
        var picture = Path.Combine(folder, "motion.png");
        var video = Moving("right.mp4", 2);
        Inspect(video, out _, "--out", picture);
        var whole = File.ReadAllBytes(picture);
        Assert.Equal(4 * 224 + 3 * 4, BinaryPrimitives.ReadInt32BigEndian(whole.AsSpan(16)));
        Assert.Equal(8 * (224 + 4) - 4 + 4 + 96, BinaryPrimitives.ReadInt32BigEndian(whole.AsSpan(20)));
        Inspect(video, out _, "--out", picture);
        Assert.Equal(whole, File.ReadAllBytes(picture));
    }

    [Fact]
    public void The_mask_is_the_one_that_inspect_masks_shows_with_the_same_seed_and_recipe()
    {
        var video = Moving("right.mp4", 2);
        string[] same = ["--seed", "4", "--ratio", "0.5", "--recipe", "demo"];
        var mask = Inspect(video, out _, same)["mask"]!.ToJsonString();
        var json = Path.Combine(folder, "mask.json");
        Assert.Equal(0, Program.Run(["inspect", "masks", video, "--mask", "motion-guided", "--json", json, .. same]).Code);
        Assert.Equal(File.ReadAllText(json).Trim(), mask);
    }

    public static TheoryData<string, string[]> BadInput => new()
    {
        { "no such file", ["nowhere.mp4"] },
        { "--ratio is 0", ["VIDEO", "--ratio", "0"] },
        { "--seed is -1", ["VIDEO", "--seed", "-1"] },
        { "no such recipe", ["VIDEO", "--recipe", "missing.yaml"] },
        { "would be overwritten", ["VIDEO", "--json", "VIDEO"] },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public void Bad_input_is_refused_with_what_is_wrong(string told, string[] arguments)
    {
        var video = Moving("right.mp4", 2);
        var outcome = Program.Run(["inspect", "motion", .. arguments.Select(a => a == "VIDEO" ? video : a)]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
    }

    private JsonNode Inspect(string video, out string output, params string[] more)
    {
        var json = Path.Combine(folder, "facts.json");
        var outcome = Program.Run(["inspect", "motion", video, "--json", json, .. more]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        output = outcome.Output;
        return JsonNode.Parse(File.ReadAllText(json))!;
    }

    /// <summary>61 frames, as many as a clip spans, of a texture without repetition that moves to the right; of one grey where it moves by nothing.</summary>
    private string Moving(string name, int pixels, VideoWriterOptions? options = null)
    {
        var path = Path.Combine(folder, name);
        using var writer = new VideoWriter(path, Side, Side, 25, options);
        var rgb = new byte[Side * Side * 3];
        for (var frame = 0; frame < 61; frame++)
        {
            for (var i = 0; i < Side * Side; i++)
                rgb.AsSpan(i * 3, 3).Fill(pixels == 0 ? (byte)90 : Texture(i % Side - pixels * frame, i / Side));
            writer.Write(rgb);
        }
        writer.Finish();
        return path;
    }

    // Waves whose lengths have no common multiple within reach.
    private static byte Texture(int x, int y) =>
        (byte)(128 + 40 * Math.Sin(x * 0.41 + y * 0.13) + 40 * Math.Sin(x * 0.173 - y * 0.29) + 30 * Math.Sin(x * 0.067 + y * 0.211));
}
