using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Sigma.Tests.Evaluation.Frozen;

namespace Sigma.Tests.Cli;

[Trait("Category", "evaluation")]
public sealed class InspectPrototypesCommandTests : IDisposable
{
    private const int TubesOfClip = 32;

    private readonly FrozenRun run = new();

    public InspectPrototypesCommandTests()
    {
        Directory.CreateDirectory(run.In("discs"));
        for (var i = 0; i < 4; i++)
            TinyRun.Render(run.In($"discs/{i}.mp4"), i);
    }

    public void Dispose() => run.Dispose();

    [Fact]
    public void Every_tube_counts_once_and_the_examples_are_the_nearest_of_each_video()
    {
        var facts = Inspect();
        Assert.Equal(4 * TubesOfClip, facts["tubes"]!.GetValue<int>());
        var prototypes = facts["counts"]!.AsArray();
        Assert.Equal(4 * TubesOfClip, prototypes.Sum(p => p!["tubes"]!.GetValue<int>()));
        Assert.Equal(facts["used"]!.GetValue<int>(), prototypes.Count);
        Assert.InRange(facts["entropy"]!.GetValue<double>(), 0, 1);
        Assert.All(prototypes, prototype =>
        {
            var examples = prototype!["examples"]!.AsArray();
            Assert.InRange(examples.Count, 1, 4);
            var cosines = examples.Select(e => e!["cosine"]!.GetValue<double>()).ToArray();
            Assert.Equal(cosines.OrderDescending(), cosines);
            Assert.Distinct(examples.Select(e => e!["video"]!.GetValue<string>()));
        });
    }

    [Fact]
    public void An_example_has_the_prototype_that_its_clip_is_shown_with()
    {
        var prototype = Inspect()["counts"]![0]!;
        var example = prototype["examples"]![0]!;
        var outcome = Program.Run("inspect", "assignments", run.Run, example["video"]!.GetValue<string>(), "--device", "cpu", "--json", run.In("clip.json"));
        Assert.True(outcome.Code == 0, outcome.Errors);
        var clip = JsonNode.Parse(File.ReadAllText(run.In("clip.json")))!;
        var slice = clip["frames"]!.AsArray().Select(f => f!.GetValue<int>()).ToList().IndexOf(example["frame"]!.GetValue<int>()) / 2;
        Assert.Equal(prototype["prototype"]!.GetValue<int>(), clip["slices"]![slice]![example["row"]!.GetValue<int>()]![example["column"]!.GetValue<int>()]!.GetValue<int>());
    }

    [Fact]
    public void The_picture_has_a_row_for_every_prototype_that_is_used()
    {
        var facts = Inspect("--out", run.In("picture.png"));
        var header = File.ReadAllBytes(run.In("picture.png")).AsSpan(16);
        Assert.Equal(24 + 8 * (96 + 4), BinaryPrimitives.ReadInt32BigEndian(header));
        Assert.Equal(facts["used"]!.GetValue<int>() * (96 + 4) - 4, BinaryPrimitives.ReadInt32BigEndian(header[4..]));
    }

    [Fact]
    public void A_number_of_videos_is_spread_over_the_list_and_unreadable_ones_are_named()
    {
        File.WriteAllText(run.In("discs/2.mp4"), "no video");
        var outcome = Run("--videos", "2");
        Assert.Contains("of 1 videos", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"left out, cannot be read: {run.In("discs/2.mp4")}", outcome.Errors, StringComparison.Ordinal);
        foreach (var i in new[] { 0, 1, 3 })
            File.WriteAllText(run.In($"discs/{i}.mp4"), "no video");
        outcome = Run();
        Assert.Equal(2, outcome.Code);
        Assert.Contains("none of the 4 videos can be read", outcome.Errors, StringComparison.Ordinal);
    }

    private JsonNode Inspect(params string[] own)
    {
        var outcome = Run(["--json", run.In("found.json"), .. own]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        return JsonNode.Parse(File.ReadAllText(run.In("found.json")))!;
    }

    private Program.Outcome Run(params string[] own) => Program.Run(["inspect", "prototypes", run.Run, "--data", run.In("discs"), "--device", "cpu", .. own]);
}
