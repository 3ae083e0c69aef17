using System.Text.RegularExpressions;
using Sigma.Recipes;

namespace Sigma.Tests.Recipes;

[Trait("Category", "recipes")]
public sealed partial class PublishedRecipeTests
{
    private static readonly string Folder = RecipeFolder.InRepository("recipes");

    public static TheoryData<string> Files => [.. Names(_ => true)];

    public static TheoryData<string> PretrainingFiles => [.. Names(name => !IsFineTuning(name))];

    public static TheoryData<string> FineTuningFiles => [.. Names(IsFineTuning)];

    [Theory]
    [MemberData(nameof(PretrainingFiles))]
    public void A_recipe_that_comes_with_the_project_loads(string file)
    {
        var recipe = Recipe.Load(Path.Combine(Folder, file));

        Assert.Empty(recipe.Check());
        Assert.Equal(file.Contains("dino", StringComparison.Ordinal) || file.StartsWith("sigma-mgm", StringComparison.Ordinal), recipe.Objective.NeedsTeacher);
    }

    [Theory]
    [MemberData(nameof(FineTuningFiles))]
    public void A_fine_tuning_recipe_that_comes_with_the_project_loads(string file) =>
        Assert.Empty(FineTuneRecipe.Load(Path.Combine(Folder, file)).Check());

    [Theory]
    [InlineData("finetune-vits-ssv2", ModelSize.VitS, SamplingKind.Segments, 40, 2, false)]
    [InlineData("finetune-vitb-ssv2", ModelSize.VitB, SamplingKind.Segments, 40, 2, false)]
    [InlineData("finetune-vits-k400", ModelSize.VitS, SamplingKind.Dense, 100, 5, true)]
    [InlineData("finetune-vitb-k400", ModelSize.VitB, SamplingKind.Dense, 100, 5, true)]
    public void A_published_fine_tuning_recipe_has_the_published_numbers(
        string name, ModelSize size, SamplingKind sampling, int epochs, int segments, bool flip)
    {
        var recipe = FineTuneRecipe.Load(Path.Combine(Folder, name + ".yaml"));

        Assert.Equal(
            (size, sampling, epochs, segments, 3, flip),
            (recipe.Model.Size, recipe.Clip.Sampling, recipe.Optimizer.Epochs, recipe.Views.Segments, recipe.Views.Crops, recipe.Augmentation.Flip));
        Assert.Equal((32, 1e-3, 5, 0.05), (recipe.Optimizer.Batch, recipe.Optimizer.Lr, recipe.Optimizer.WarmupEpochs, recipe.Optimizer.WeightDecay));
        Assert.Equal([0.9, 0.999], recipe.Optimizer.Betas);
        Assert.Equal((0.75, 0.1), (recipe.Layers.RateDecay, recipe.Layers.DropPath));
        Assert.Equal(new AugmentationRecipe { Flip = flip }, recipe.Augmentation);
        Assert.Equal(1568, recipe.Clip.Shape.Tubes);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_recipe_says_first_what_it_is_for_and_what_to_expect(string file)
    {
        var comment = string.Join(' ', File.ReadLines(Path.Combine(Folder, file)).TakeWhile(line => line.StartsWith('#')));

        Assert.Matches("(?i)expect|no published", comment);
    }

    [Theory]
    [InlineData("sigma-dino-vits-ssv2", ModelSize.VitS, TargetKind.DinoV1, 2, 0.05, 128, 2400)]
    [InlineData("sigma-dino-vitb-ssv2", ModelSize.VitB, TargetKind.DinoV1, 2, 0.03, 512, 800)]
    [InlineData("sigma-dino-vitb-k400", ModelSize.VitB, TargetKind.DinoV1, 4, 0.05, 640, 800)]
    [InlineData("sigma-mlp-vitb-ssv2", ModelSize.VitB, TargetKind.Mlp, 2, 0.03, 512, 800)]
    [InlineData("sigma-mlp-vitb-k400", ModelSize.VitB, TargetKind.Mlp, 4, 0.05, 640, 800)]
    [InlineData("sigma-mgm-vitb-ssv2", ModelSize.VitB, TargetKind.DinoV1, 2, 0.03, 512, 800)]
    [InlineData("videomae-vits-ssv2", ModelSize.VitS, TargetKind.Pixel, 2, 0.05, 1024, 2400)]
    [InlineData("videomae-vitb-ssv2", ModelSize.VitB, TargetKind.Pixel, 2, 0.05, 2048, 800)]
    [InlineData("videomae-vitl-ssv2", ModelSize.VitL, TargetKind.Pixel, 2, 0.05, 512, 2400)]
    [InlineData("videomae-vith-ssv2", ModelSize.VitH, TargetKind.Pixel, 2, 0.05, 1024, 2400)]
    [InlineData("videomae-vits-k400", ModelSize.VitS, TargetKind.Pixel, 4, 0.05, 1024, 1600)]
    [InlineData("videomae-vitb-k400", ModelSize.VitB, TargetKind.Pixel, 4, 0.05, 2048, 800)]
    [InlineData("videomae-vitl-k400", ModelSize.VitL, TargetKind.Pixel, 4, 0.05, 512, 1600)]
    [InlineData("videomae-vith-k400", ModelSize.VitH, TargetKind.Pixel, 4, 0.05, 1024, 1600)]
    [InlineData("mgm-vitb-ssv2", ModelSize.VitB, TargetKind.Pixel, 2, 0.05, 2048, 800)]
    [InlineData("mgm-vitb-k400", ModelSize.VitB, TargetKind.Pixel, 4, 0.05, 2048, 800)]
    [InlineData("smm-vitb-k400", ModelSize.VitB, TargetKind.Pixel, 4, 0.05, 2048, 800)]
    public void A_published_recipe_has_the_published_numbers(
        string name, ModelSize size, TargetKind target, int stride, double epsilon, int batch, int epochs)
    {
        var recipe = Recipe.Load(Path.Combine(Folder, name + ".yaml"));

        Assert.Equal(
            (size, target, stride, epsilon, batch, epochs),
            (recipe.Model.Size, recipe.Objective.Target, recipe.Clip.Stride, recipe.Objective.Epsilon, recipe.Optimizer.Batch, recipe.Optimizer.Epochs));
        Assert.Equal(1568, recipe.Clip.Tubes);
        Assert.Equal(size is ModelSize.VitL or ModelSize.VitH ? 12 : 4, recipe.Model.DecoderDepth);
        Assert.Equal(name.Contains("mgm", StringComparison.Ordinal) || name.Contains("smm", StringComparison.Ordinal) ? 1176 : 1408, recipe.Mask.HiddenTubes(recipe.Clip));
    }

    [Fact]
    public void The_documentation_lists_every_key_with_its_default()
    {
        var listed = KeyRow().Matches(Documentation()).Select(row => (row.Groups["key"].Value, row.Groups["default"].Value));

        Assert.Equal(
            RecipeSchema.Pretraining.Keys.Select(key => (key.Name, RecipeValue.Write(key.ValueIn(new Recipe()))))
                .Concat(RecipeSchema.FineTuning.Keys.Select(key => (key.Name, RecipeValue.Write(key.ValueIn(new FineTuneRecipe()))))),
            listed);
    }

    [Fact]
    public void The_documentation_lists_every_choice()
    {
        var documentation = Documentation();

        var choices = RecipeSchema.Pretraining.Keys.Concat(RecipeSchema.FineTuning.Keys).Where(key => key.Property.PropertyType.IsEnum)
            .Select(key => string.Join(", ", RecipeValue.Choices(key.Property.PropertyType).Select(choice => $"`{choice}`")));
        Assert.All(choices, choice => Assert.Contains(choice, documentation, StringComparison.Ordinal));
    }

    [Fact]
    public void The_documentation_lists_every_recipe()
    {
        var listed = RecipeRow().Matches(Documentation()).Select(row => row.Groups["name"].Value + ".yaml").Order();

        Assert.Equal(Directory.EnumerateFiles(Folder, "*.yaml").Select(Path.GetFileName).Order(), listed);
    }

    [Fact]
    public void The_documentations_example_is_told_as_it_says()
    {
        var example = ExampleBlock().Match(File.ReadAllText(RecipeFolder.InRepository("docs/errors/recipe.md")));
        using var folder = new RecipeFolder();

        var told = folder.ProblemsOf(example.Groups["yaml"].Value, "optimizer.lr=fast");

        Assert.Equal(example.Groups["told"].Value.Trim().Split('\n')[1..].Select(line => line.Trim()), told);
    }

    private static IEnumerable<string> Names(Func<string, bool> wanted) =>
        Directory.EnumerateFiles(Folder, "*.yaml").Select(file => Path.GetFileName(file)).Where(wanted).Order();

    private static bool IsFineTuning(string name) => name.Contains("finetune", StringComparison.Ordinal);

    private static string Documentation() => File.ReadAllText(RecipeFolder.InRepository("docs/recipes.md"));

    // | `optimizer.lr` | `1.5e-4` | …
    [GeneratedRegex(@"^\| `(?<key>[a-zA-Z.]+)` \| `(?<default>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex KeyRow();

    // | `laptop` (recipes) | …: rows whose name is not followed by a default in code
    [GeneratedRegex(@"^\| `(?<name>[a-z0-9-]+)` \| [^`]", RegexOptions.Multiline)]
    private static partial Regex RecipeRow();

    [GeneratedRegex(@"```yaml\n(?<yaml>.*?)```.*?```text\n(?<told>.*?)```", RegexOptions.Singleline)]
    private static partial Regex ExampleBlock();
}
