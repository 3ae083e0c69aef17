using Sigma.Recipes;

namespace Sigma.Tests.Cli;

[Trait("Category", "cli")]
public sealed class DryRunTests
{
    [Fact]
    public void A_dry_run_prints_a_recipe_that_loads_to_the_same_and_writes_nothing()
    {
        using var files = new TinyRun(videos: 3);
        var outcome = Program.Run("pretrain", files.Recipe, "--data", files.Data, "--out", files.In("run"), "--device", "cpu", "--dry-run", "--set", "mask.ratio=0.5");
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.False(Directory.Exists(files.In("run")));
        foreach (var told in new[] { "# parameters", "# operations", "# memory", "# ceiling", "# time         at least", "for 60 steps" })
            Assert.Contains(told, outcome.Output, StringComparison.Ordinal);
        File.WriteAllText(files.In("printed.yaml"), outcome.Output);
        Assert.Equal(Recipe.Load(files.Recipe, ["mask.ratio=0.5"]), Recipe.Load(files.In("printed.yaml")));
    }

    [Fact]
    public void A_published_recipe_can_be_weighed_without_videos_or_teacher()
    {
        var outcome = Program.Run("pretrain", "sigma-dino-vitb-k400", "--dry-run", "--device", "cpu");
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains("without the teacher's", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("give --data", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("give --data", "--out", "run")]
    [InlineData("give --out", "--data", "videos")]
    public void A_run_still_needs_videos_and_a_folder(string told, string option, string value)
    {
        using var files = new TinyRun(videos: 0);
        var outcome = Program.Run("pretrain", files.Recipe, option, files.In(value));
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
    }
}
