using Sigma.Recipes;

namespace Sigma.Tests.Recipes;

[Trait("Category", "recipes")]
public sealed class FineTuneRecipeTests : IDisposable
{
    private readonly RecipeFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_recipe_with_one_value_has_the_published_rest()
    {
        var recipe = Load("seed: 7");
        Assert.Equal(new FineTuneRecipe { Seed = 7 }, recipe);
        Assert.Equal(1.25e-4, recipe.Optimizer.ScaledLr, 12);
    }

    [Fact]
    public void A_written_recipe_loads_to_an_equal_one_and_is_known_for_what_it_is()
    {
        var recipe = Load("""
            model: { size: vit-b, depth: 3, positions: learned }
            clip: { sampling: segments, frames: 8, size: 64 }
            augmentation: { mixup: 0, cropArea: 0.5, repeats: 2 }
            layers: { rateDecay: 0.65, dropPath: 0.2 }
            optimizer: { batch: 64, averageWeights: 0.999 }
            views: { segments: 2 }
            """);
        Assert.Equal(EncoderRecipe.Of(ModelSize.VitB) with { Depth = 3, Positions = PositionTable.Learned }, recipe.Model);
        Assert.Equal(recipe, Load(recipe.ToYaml()));
        Assert.True(FineTuneRecipe.IsAt(folder["recipe.yaml"]));
        folder.Write(new Recipe().ToYaml());
        Assert.False(FineTuneRecipe.IsAt(folder["recipe.yaml"]));
    }

    [Theory]
    [InlineData("model: { decoderWidth: 96 }", "model.decoderWidth is unknown")]
    [InlineData("mask: { ratio: 0.9 }", "mask is unknown")]
    [InlineData("augmentation: { mixupp: 1 }", "augmentation.mixupp is unknown; the nearest key is augmentation.mixup")]
    [InlineData("augmentation: { cropArea: 0 }", "augmentation.cropArea is 0, but must be greater than 0")]
    [InlineData("augmentation: { labelSmoothing: 1 }", "augmentation.labelSmoothing is 1, but must be at least 0 and less than 1")]
    [InlineData("layers: { rateDecay: 1.5 }", "layers.rateDecay is 1.5, but must be greater than 0 and at most 1")]
    [InlineData("layers: { dropPath: 1 }", "layers.dropPath is 1, but must be at least 0 and less than 1")]
    [InlineData("clip: { sampling: random }", "clip.sampling is random, but must be one of dense, segments")]
    [InlineData("augmentation: { repeats: 3 }", "optimizer.batch is 32, in micro-batches of 32, which augmentation.repeats (3) does not divide")]
    [InlineData("views: { crops: 0 }", "views.crops is 0, but must lie between 1 and 1024")]
    public void What_is_wrong_is_told_with_what_is_right(string yaml, string told)
    {
        var refusal = Assert.Throws<RecipeException>(() => Load(yaml));
        Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
    }

    private FineTuneRecipe Load(string yaml) => FineTuneRecipe.Load(folder.Write(yaml));
}
