namespace Sigma.Tests.Cli;

[Trait("Category", "cli")]
public sealed class UsageTests
{
    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "there is no command pretrian; did you mean pretrain?", ["pretrian", "demo", "--data", "x"] },
        { "evaluate has no command shwo; the commands are linear, attentive", ["evaluate", "shwo", "x"] },
        { "checkpoint has no command shwo; did you mean show?", ["checkpoint", "shwo", "x"] },
        { "pretrain has no option --dat; did you mean --data?", ["pretrain", "demo", "--dat", "x", "--out", "y"] },
        { "pretrain has no use for x", ["pretrain", "demo", "x"] },
        { "--max-steps is ten, but must be a whole number", ["pretrain", "demo", "--data", "x", "--out", "y", "--max-steps", "ten"] },
        { "--max-steps wants a value: end here", ["pretrain", "demo", "--data", "x", "--out", "y", "--max-steps"] },
        { "--data is given 2 times: give it once", ["pretrain", "demo", "--data", "x", "--data", "z", "--out", "y"] },
        { "give --val: labelled validation videos", ["evaluate", "knn", "x", "--data", "y"] },
        { "give the recipe: the YAML file", ["pretrain", "--data", "x", "--out", "y"] },
        { "--protocol is overclusterin, but must be one of clustering, overclustering; did you mean overclustering?", ["evaluate", "segment", "x", "--data", "y", "--protocol", "overclusterin"] },
        { "laptp: there is no such recipe; laptop comes with the program", ["pretrain", "laptp", "--data", "x", "--out", "y"] },
        { "belongs to a recipe of fine-tuning, for sigma finetune", ["pretrain", "demo-finetune", "--data", "x", "--out", "y"] },
        { "@there: there is no such file", ["checkpoint", "show", "@there"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_on_the_command_line_is_named_with_what_would_be_right_on_standard_error_alone(string told, string[] arguments)
    {
        var outcome = Program.Run(arguments);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
        Assert.DoesNotContain("System.", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_command_shows_how_it_may_go_on()
    {
        var outcome = Program.Run("evaluate");
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Contains("linear <checkpoint>", outcome.Errors, StringComparison.Ordinal);
    }
}
