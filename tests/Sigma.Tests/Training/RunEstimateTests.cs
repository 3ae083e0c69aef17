using Sigma.Models;
using Sigma.Recipes;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "training")]
public sealed class RunEstimateTests
{
    [Theory]
    [InlineData("objective.target=mlp")]
    [InlineData("objective.target=features")]
    [InlineData("objective.target=pixel")]
    [InlineData("objective.target=dino-v1")]
    [InlineData("model.positions=learned")]
    public void The_parameters_counted_by_arithmetic_are_those_of_the_model(string setting)
    {
        using var files = new TinyRun(videos: 0);
        var recipe = Recipe.Load(files.Recipe, [setting]);
        using var model = new MaskedVideoModel(recipe, targetWidth: 24, recipe.Seed);
        Assert.Equal(model.ParameterCount, RunEstimate.Of(recipe, targetWidth: 24).Parameters);
    }

    [Fact]
    public void Checkpointed_activations_take_less_and_another_batch_takes_in_proportion()
    {
        using var files = new TinyRun(videos: 0);
        long Activations(params string[] settings) => RunEstimate.Of(Recipe.Load(files.Recipe, settings), 0).ActivationBytes;
        Assert.True(Activations("model.checkpointActivations=true", "model.depth=8") < Activations("model.depth=8"));
        Assert.Equal(2 * Activations(), Activations("optimizer.batch=8"));
        Assert.Equal(Activations(), Activations("optimizer.batch=8", "optimizer.accumulate=2"));
    }
}
