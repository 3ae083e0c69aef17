using System.Buffers.Binary;
using System.Text.Json;
using Sigma.Tests.Media;

namespace Sigma.Tests.Cli;

[Trait("Category", "masks")]
public sealed class InspectMasksCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sigma-inspect-").FullName;
    private readonly string video;

    public InspectMasksCommandTests() => TinyRun.Render(video = In("disc.mp4"), 2, frames: 30);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("tube", 176, false)]
    [InlineData("random", 176, false)]
    [InlineData("simulated-motion", 176, true)]
    [InlineData("motion-guided", 147, true)]
    public void Every_slice_hides_as_many_cells_as_the_kind_s_ratio_says(string kind, int hidden, bool hasBox)
    {
        var facts = Inspect(kind);
        Assert.Equal([8, 14, 14], facts.GetProperty("grid").EnumerateArray().Select(n => n.GetInt32()));
        var slices = facts.GetProperty("slices").EnumerateArray().ToArray();
        Assert.Equal(8, slices.Length);
        Assert.All(slices, slice =>
        {
            var cells = slice.GetProperty("hidden").EnumerateArray().Select(n => n.GetInt32()).ToArray();
            Assert.Equal(hidden, cells.Distinct().Count());
            Assert.All(cells, cell => Assert.InRange(cell, 0, 195));
            Assert.Equal(hasBox, slice.GetProperty("box").ValueKind == JsonValueKind.Object);
        });
    }

    [Fact]
    public void A_frame_mask_hides_whole_slices()
    {
        var counts = Inspect("frame").GetProperty("slices").EnumerateArray().Select(s => s.GetProperty("hidden").GetArrayLength()).ToArray();
        Assert.Equal(7, counts.Count(c => c == 196));
        Assert.Equal(1, counts.Count(c => c == 0));
    }

    [Fact]
    public void A_box_lies_within_the_grid_and_moves_with_what_moves()
    {
        var facts = Inspect("motion-guided", "--ratio", "0.2");
        foreach (var box in facts.GetProperty("slices").EnumerateArray().Select(s => s.GetProperty("box")))
        {
            Assert.InRange(box.GetProperty("y").GetInt32(), 0, 14 - box.GetProperty("h").GetInt32());
            Assert.InRange(box.GetProperty("x").GetInt32(), 0, 14 - box.GetProperty("w").GetInt32());
        }
        var motion = facts.GetProperty("motion").EnumerateArray().Select(s => s.EnumerateArray().Select(r => r.GetArrayLength()).ToArray()).ToArray();
        Assert.All(motion, rows => Assert.Equal(Enumerable.Repeat(14, 14), rows));
        Assert.Equal("motion-guided", facts.GetProperty("mask").GetString());
    }

    [Fact]
    public void The_same_seed_gives_the_same_file_and_another_seed_another_mask()
    {
        var first = Inspect("random", "--seed", "5").GetRawText();
        Assert.Equal(first, Inspect("random", "--seed", "5").GetRawText());
        Assert.NotEqual(first, Inspect("random", "--seed", "6").GetRawText().Replace("\"seed\":6", "\"seed\":5", StringComparison.Ordinal));
    }

    [Fact]
    public void The_picture_has_a_row_a_slice_with_three_panels()
    {
        var picture = In("masks.png");
        Assert.Equal(0, Program.Run("inspect", "masks", video, "--mask", "motion-guided", "--out", picture).Code);
        var header = File.ReadAllBytes(picture);
        Assert.Equal(3 * 224 + 2 * 4, BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(16)));
        Assert.Equal(8 * (224 + 4) - 4, BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(20)));
        Assert.Empty(Directory.GetFiles(folder, "*.partial"));
    }

    [SkippableFact]
    public void A_codec_without_vectors_is_searched_and_that_is_said()
    {
        var file = MediaFiles.Clip("ci/clips/bear-vp9.webm");
        var facts = InspectFile(file, "motion-guided");
        Assert.Equal("block-matching", facts.GetProperty("vectors").GetString());
        Assert.Equal("motion-guided", facts.GetProperty("mask").GetString());
    }

    public static TheoryData<string, string[]> BadInput => new()
    {
        { "no such file", ["nowhere.mp4", "--mask", "tube"] },
        { "motion-guided", ["VIDEO", "--mask", "cube"] },
        { "--mask", ["VIDEO"] },
        { "--ratio is 1.5", ["VIDEO", "--mask", "tube", "--ratio", "1.5"] },
        { "--seed is -1", ["VIDEO", "--mask", "tube", "--seed", "-1"] },
        { "no such recipe", ["VIDEO", "--recipe", "missing.yaml"] },
        { "would be overwritten", ["VIDEO", "--mask", "tube", "--out", "VIDEO"] },
        { "there is no folder /no/such/folder", ["VIDEO", "--mask", "tube", "--json", "/no/such/folder/facts.json"] },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public void Bad_input_is_refused_with_what_is_wrong(string told, string[] arguments)
    {
        var outcome = Program.Run(["inspect", "masks", .. arguments.Select(a => a == "VIDEO" ? video : a)]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Sigma", outcome.Errors, StringComparison.Ordinal);
    }

    private JsonElement Inspect(string kind, params string[] more) => InspectFile(video, kind, more);

    private JsonElement InspectFile(string file, string kind, params string[] more)
    {
        var json = In("facts.json");
        var outcome = Program.Run(["inspect", "masks", file, "--mask", kind, "--json", json, .. more]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        return JsonDocument.Parse(File.ReadAllText(json)).RootElement;
    }

    private string In(string name) => Path.Combine(folder, name);
}
