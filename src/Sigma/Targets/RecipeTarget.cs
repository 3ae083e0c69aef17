using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Targets;

/// <summary>From a recipe's objective to the target it asks for.</summary>
public static class RecipeTarget
{
    /// <summary>
    /// Pixels, which φ or the loss read, or a teacher's tokens.
    /// </summary>
    /// <exception cref="BadInputException">The teacher's file cannot serve the recipe.</exception>
    public static ITarget Of(Recipe recipe, Device device) => recipe.Objective.NeedsTeacher
        ? new TeacherTarget(recipe, device)
        : new PixelTarget(EncoderShape.Of(recipe).TubeNumbers, recipe.Objective.NormaliseTarget);
}
