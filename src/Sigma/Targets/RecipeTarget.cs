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
    /// <param name="recipe">Its objective.</param>
    /// <param name="device">Where a teacher computes.</param>
    /// <param name="stored">The teacher's tokens where they were made ahead; else null.</param>
    public static ITarget Of(Recipe recipe, Device device, StoredTokens? stored = null) => stored is not null
        ? new StoredTokensTarget(stored, recipe.Objective.NormaliseTarget)
        : recipe.Objective.NeedsTeacher
        ? new TeacherTarget(recipe, device)
        : new PixelTarget(recipe.Clip.TubeValues, recipe.Objective.NormaliseTarget);
}
