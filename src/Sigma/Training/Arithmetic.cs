using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;

namespace Sigma.Training;

/// <summary>
/// Operations that a clip takes in pre-training, forward and backward, a multiply-add counted as two: what utilisation
/// is measured against. Linear in everything but the attention's N².
/// </summary>
public static class Arithmetic
{
    /// <summary>Operations for one clip of a recipe, those of its target included.</summary>
    public static double PerClip(Recipe recipe, ITarget target) => PerClip(recipe, target.Width) + target.OperationsPerClip;

    /// <summary>Operations of a frozen teacher for one clip: forward only, one frame a slice.</summary>
    public static double Teacher(DinoShape teacher, ClipRecipe clip)
    {
        double tokens = teacher.Tokens(clip.Size), patches = tokens - 1 - teacher.Registers;
        return clip.Slices * (teacher.Depth * Block(tokens, teacher.Width) + Product(patches, 3 * teacher.PatchSize * teacher.PatchSize, teacher.Width));
    }

    /// <summary>Operations for one clip of a recipe, without a teacher's.</summary>
    /// <param name="recipe">Sizes, mask and objective.</param>
    /// <param name="targetWidth">Numbers of a target, where a teacher gives it.</param>
    public static double PerClip(Recipe recipe, int targetWidth)
    {
        var (model, objective, shape) = (recipe.Model, recipe.Objective, EncoderShape.Of(recipe));
        double hidden = recipe.Mask.HiddenTubes(recipe.Clip), visible = shape.Tubes - hidden;
        var (inputs, outputs) = (recipe.Clip.TubeValues, recipe.PredictedNumbers(targetWidth));
        // A trained product costs three: forward, and gradients of its input and its weight; the first of a chain has no
        // input to differentiate by and costs two.
        var encoder = 3 * model.Depth * Block(visible, model.Width) + 2 * Product(visible, inputs, model.Width);
        var decoder = 3 * (model.DecoderDepth * Block(shape.Tubes, model.DecoderWidth)
            + Product(visible, model.Width, model.DecoderWidth) + Product(hidden, model.DecoderWidth, outputs));
        return encoder + decoder + Projection(objective, hidden, inputs) + Scores(objective, hidden, outputs);
    }

    /// <summary>Operations of fine-tuning for one clip, forward and backward: every tube goes through the encoder.</summary>
    public static double PerClip(FineTuneRecipe recipe)
    {
        var shape = EncoderShape.Of(recipe);
        return 3 * shape.Depth * Block(shape.Tubes, shape.Width) + 2 * Product(shape.Tubes, recipe.Clip.Shape.TubeValues, shape.Width);
    }

    /// <summary>A pre-norm block with MLP ratio 4 over n tokens, forward: 24·n·d² + 4·n²·d.</summary>
    public static double Block(double tokens, double width) => 24 * tokens * width * width + 4 * tokens * tokens * width;

    private static double Product(double rows, double inputs, double outputs) => 2 * rows * inputs * outputs;

    private static double Projection(ObjectiveRecipe objective, double hidden, int inputs)
    {
        if (!objective.Projects)
            return 0;
        var total = -Product(hidden, inputs, objective.Projection[0]);
        foreach (var width in objective.Projection)
        {
            total += 3 * Product(hidden, inputs, width);
            inputs = width;
        }
        return total;
    }

    /// <summary>Two sides; each differentiates by its features or by the prototypes, φ's side by both.</summary>
    private static double Scores(ObjectiveRecipe objective, double hidden, int width) =>
        objective.Clusters ? (objective.Projects ? 5 : 4) * Product(hidden, width, objective.Prototypes) : 0;
}
