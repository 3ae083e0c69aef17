using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Sigma.Masking;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Tests.Evaluation.Frozen;
using Sigma.Torch;

namespace Sigma.Tests.Cli;

[Trait("Category", "evaluation")]
public sealed class InspectAssignmentsCommandTests : IDisposable
{
    private readonly FrozenRun run = new();
    private readonly string video;

    public InspectAssignmentsCommandTests() => TinyRun.Render(video = run.In("disc.mp4"), 2);

    public void Dispose() => run.Dispose();

    [Fact]
    public void Every_tube_gets_the_prototype_whose_direction_its_feature_is_nearest_to()
    {
        var facts = Inspect();
        Assert.Equal([2, 4, 4], facts["grid"]!.AsArray().Select(n => n!.GetValue<int>()));
        Assert.Equal(12, facts["prototypes"]!.GetValue<int>());

        using var scope = new TensorScope();
        var recipe = Recipe.Load(run.In("run/recipe.yaml"));
        using var model = new MaskedVideoModel(recipe, 0, 1); // the weights of the run were drawn so
        var clip = InspectedClip.Read(video, recipe);
        var tubes = ClipTubes.Cut(Tensor.From(clip.Pixels.Span, 1, 4, 32, 32, 3), 2, 8);
        var features = F.Reshape(model.Projection!.Forward(new PixelTarget(384, true).Of(tubes, tubes, F.Unsqueeze(F.Arange(32), 0))), 32, -1);
        var cosines = F.Linear(F.Normalize(features, 1), F.Normalize(model.Prototypes!, 1));
        var labels = facts["slices"]!.AsArray().SelectMany(slice => slice!.AsArray().SelectMany(row => row!.AsArray().Select(n => n!.GetValue<long>())));
        Assert.Equal(F.ArgMax(cosines, 1).ToArray<long>(), labels);
    }

    [Fact]
    public void The_counts_are_those_of_the_tubes_most_first_and_the_same_video_gives_the_same()
    {
        var facts = Inspect();
        var labels = facts["slices"]!.AsArray().SelectMany(slice => slice!.AsArray().SelectMany(row => row!.AsArray().Select(n => n!.GetValue<int>()))).ToArray();
        var counts = facts["counts"]!.AsArray().Select(c => (Prototype: c!["prototype"]!.GetValue<int>(), Tubes: c["tubes"]!.GetValue<int>())).ToArray();
        Assert.Equal(labels.Distinct().Count(), counts.Length);
        Assert.All(counts, count => Assert.Equal(labels.Count(label => label == count.Prototype), count.Tubes));
        Assert.Equal(counts.OrderByDescending(count => count.Tubes), counts);
        Assert.Equal(facts.ToJsonString(), Inspect().ToJsonString());
    }

    [Fact]
    public void The_picture_has_a_row_a_slice_and_two_panels()
    {
        Inspect("--out", run.In("picture.png"));
        var header = File.ReadAllBytes(run.In("picture.png")).AsSpan(16);
        Assert.Equal(2 * 160 + 4, BinaryPrimitives.ReadInt32BigEndian(header));
        Assert.Equal(2 * (160 + 4) - 4, BinaryPrimitives.ReadInt32BigEndian(header[4..]));
    }

    [Fact]
    public void What_has_no_prototypes_or_would_be_overwritten_is_refused()
    {
        Refused("belongs to no pre-training run", Copied("weights.safetensors"), video);
        Refused("would be overwritten", run.Run, video, "--out", video);
        Refused("--seed is -1", run.Run, video, "--seed", "-1");
        Refused("there is no such checkpoint", run.In("nowhere"), video);
        File.WriteAllText(run.In("run/recipe.yaml"), File.ReadAllText(run.In("run/recipe.yaml")).Replace("target: mlp", "target: pixel", StringComparison.Ordinal));
        Refused("objective.target=pixel, which has no prototypes", run.Run, video);
    }

    private string Copied(string name)
    {
        var folder = Directory.CreateDirectory(run.In("a/b/c/d/e")).FullName;
        File.Copy(run.Weights, Path.Combine(folder, name));
        return Path.Combine(folder, name);
    }

    private JsonNode Inspect(params string[] own)
    {
        var outcome = Program.Run(["inspect", "assignments", run.Run, video, "--device", "cpu", "--json", run.In("found.json"), .. own]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains("have the 32 tubes (2 slices of 4×4)", outcome.Output, StringComparison.Ordinal);
        return JsonNode.Parse(File.ReadAllText(run.In("found.json")))!;
    }

    private static void Refused(string because, string checkpoint, string video, params string[] own)
    {
        var outcome = Program.Run(["inspect", "assignments", checkpoint, video, .. own]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(because, outcome.Errors, StringComparison.Ordinal);
    }
}
