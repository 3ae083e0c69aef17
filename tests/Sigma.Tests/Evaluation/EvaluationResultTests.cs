using System.Text.Json;
using System.Text.Json.Nodes;
using Sigma.Evaluation;
using Sigma.Tests.Cli;
using Sigma.Tests.Data;

namespace Sigma.Tests.Evaluation;

[Trait("Category", "evaluation")]
public sealed class EvaluationResultTests : IDisposable
{
    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void What_was_written_is_read_again()
    {
        var result = Result("linear", 1, 0, 1, 1);
        result.Write(files["a.json"]);
        var read = EvaluationResult.Read(files["a.json"]);
        Assert.Equal(result.Figures, read.Figures);
        Assert.Equal(result.Videos, read.Videos);
        Assert.Equal(result.Outcomes.Select(m => m.Value), read.Outcomes.Select(m => m.Value));
        Assert.Equal(result.SettingsHash, read.SettingsHash);
    }

    [Fact]
    public void The_file_says_what_was_evaluated_and_how()
    {
        Result("linear", 1, 0, 1, 1).Write(files["a.json"]);
        using var json = JsonDocument.Parse(File.ReadAllText(files["a.json"]));
        var root = json.RootElement;
        Assert.Equal("set", root.GetProperty("dataset").GetString());
        Assert.Equal("val", root.GetProperty("split").GetString());
        Assert.Equal(1, root.GetProperty("views").GetProperty("segments").GetInt32());
        Assert.Equal("abcdefabcdefabcdef", root.GetProperty("checkpointHash").GetString());
        Assert.Equal(5, root.GetProperty("seed").GetInt64());
        Assert.Equal(0.75, root.GetProperty("figures").GetProperty("top1").GetDouble());
        var interval = root.GetProperty("intervals").GetProperty("top1");
        Assert.True(interval[0].GetDouble() <= 0.75 && interval[1].GetDouble() >= 0.75);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("[1, 2]")]
    [InlineData("null")]
    public void A_file_that_is_no_result_is_named(string text)
    {
        var e = Assert.Throws<BadInputException>(() => EvaluationResult.Read(files.WriteText("odd.json", text)));
        Assert.Contains("odd.json", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_with_an_outcome_too_few_is_refused()
    {
        Result("linear", 1, 0, 1, 1).Write(files["a.json"]);
        var text = File.ReadAllText(files["a.json"]).Replace("\"v0\",", "", StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => EvaluationResult.Read(files.WriteText("b.json", text)));
    }

    [Fact]
    public void A_paired_difference_is_narrower_than_the_figures_where_both_fail_on_the_same_videos()
    {
        double[] a = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 1.0 : 0)];
        double[] b = [.. a.Select((hit, i) => i < 8 ? 1 : hit)];
        var difference = PairedComparison.Of(Result("a", a), Result("b", b)).Single();
        Assert.Equal(4 / 200.0, difference.Difference, 1e-12);
        Assert.True(difference.Interval.High - difference.Interval.Low < 0.05);
        var alone = Bootstrap.Intervals([new MeanMetric("x", a).Over], 200, 0)[0];
        Assert.True(alone.High - alone.Low > 0.12);
    }

    [Fact]
    public void A_result_differs_from_itself_by_nothing()
    {
        var result = Result("linear", 1, 0, 1, 1, 0);
        var difference = PairedComparison.Of(result, result).Single();
        Assert.Equal((0, new Interval(0, 0), false), (difference.Difference, difference.Interval, difference.IsClear));
    }

    [Fact]
    public void The_order_of_the_videos_does_not_matter()
    {
        var a = Result("a", 1, 0, 0, 1);
        var b = a with { Videos = [.. a.Videos.Reverse()], Outcomes = [new MeanMetric("top1", [1, 0, 0, 1])] };
        Assert.Equal(0, PairedComparison.Of(a, b).Single().Interval.High);
        Assert.NotEqual(0, PairedComparison.Of(a, b with { Videos = ["v1", "v0", "v2", "v3"] }).Single().Interval.High);
    }

    [Fact]
    public void Results_about_other_videos_figures_or_labels_are_refused()
    {
        var a = Result("a", 1, 0, 1, 1);
        Refused(a, Result("b", 1, 0, 1), "not about the same videos", "v3");
        Refused(a, a with { Outcomes = [new MeanMetric("map", [1, 0, 1, 1])] }, "not about the same figures", "map");
        Refused(a, a with { Outcomes = [new ClassMeanMetric("top1", [1, 0, 1, 1], [0, 0, 1, 1])] }, "not computed in the same way");
        var labelled = a with { Outcomes = [new ClassMeanMetric("top1", [1, 0, 1, 1], [0, 0, 1, 1])] };
        Refused(labelled, a with { Outcomes = [new ClassMeanMetric("top1", [1, 0, 1, 1], [0, 1, 1, 1])] }, "same labels");
    }

    [Fact]
    public void The_command_compares_two_files_and_writes_what_it_found()
    {
        Result("a", 1, 0, 0, 0, 1, 0, 0, 1).Write(files["a.json"]);
        Result("b", 1, 1, 1, 1, 1, 1, 1, 1).Write(files["b.json"]);
        var outcome = Program.Run("evaluate", "compare", files["a.json"], files["b.json"], "--json", files["c.json"]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains("top-1               37.5   100.0    62.5", outcome.Output, StringComparison.Ordinal);
        var facts = JsonNode.Parse(File.ReadAllText(files["c.json"]))!;
        Assert.Equal(0.625, facts["differences"]!["top1"]!.GetValue<double>());
        Assert.True(facts["intervals"]!["top1"]![0]!.GetValue<double>() > 0);
    }

    [Fact]
    public void The_command_refuses_what_is_no_pair()
    {
        Result("a", 1, 0).Write(files["a.json"]);
        Result("b", 1, 0, 1).Write(files["b.json"]);
        var outcome = Program.Run("evaluate", "compare", files["a.json"], files["b.json"]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("not about the same videos", outcome.Errors, StringComparison.Ordinal);
    }

    private static void Refused(EvaluationResult a, EvaluationResult b, params string[] told)
    {
        var e = Assert.Throws<BadInputException>(() => PairedComparison.Of(a, b));
        Assert.All(told, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }

    private static EvaluationResult Result(string command, params double[] hits) => new EvaluationResult
    {
        Command = command,
        Dataset = "set",
        Split = "val",
        Views = EvaluationViews.One,
        Checkpoint = "model.safetensors",
        CheckpointHash = "abcdefabcdefabcdef",
        Seed = 5,
        Settings = new() { ["epochs"] = 30 },
        Videos = [.. hits.Select((_, i) => $"v{i}")],
        Outcomes = [new MeanMetric("top1", hits)],
    }.WithFigures();
}
