using Sigma.Recipes;
using Sigma.Training;

namespace Sigma.Tests.Training;

[Trait("Category", "training")]
public sealed class ArithmeticTests
{
    /// <summary>The project's own table of operations, worked out by hand per part.</summary>
    [Theory]
    [InlineData(ModelSize.VitS, TargetKind.Pixel, 0, 64)]
    [InlineData(ModelSize.VitB, TargetKind.Pixel, 0, 202)]
    [InlineData(ModelSize.VitS, TargetKind.Mlp, 0, 96)]
    [InlineData(ModelSize.VitB, TargetKind.Mlp, 0, 232)]
    [InlineData(ModelSize.VitB, TargetKind.DinoV1, 768, 226)]
    public void Operations_of_a_published_clip_are_those_of_the_table(ModelSize size, TargetKind target, int width, double gflop)
    {
        var recipe = new Recipe { Model = ModelRecipe.Of(size), Objective = new ObjectiveRecipe { Target = target } };
        Assert.Equal(gflop, Arithmetic.PerClip(recipe, width) / 1e9, gflop * 0.02);
    }
}
