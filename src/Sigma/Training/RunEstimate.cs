using Sigma.Models;
using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>What a run of a recipe will take, told by arithmetic alone: nothing is built or read.</summary>
/// <param name="Parameters">Numbers that are trained.</param>
/// <param name="OperationsPerClip">Operations for one clip, forward and backward, without a teacher's.</param>
/// <param name="WeightBytes">Weights in float32, and their copies in the type of autocast.</param>
/// <param name="GradientBytes">Gradients in float32.</param>
/// <param name="MomentBytes">AdamW's two moments in float32.</param>
/// <param name="ActivationBytes">What one micro-batch keeps for the backward pass; see <see cref="BlockActivations"/>.</param>
public sealed record RunEstimate(
    long Parameters, double OperationsPerClip, long WeightBytes, long GradientBytes, long MomentBytes, long ActivationBytes)
{
    /// <summary>
    /// n·D numbers that a block keeps: two inputs of norms and their outputs (4), queries, keys and values as one and apart,
    /// scaled queries (7), the mixed values twice (2), both sides of GELU (8).
    /// </summary>
    private const int KeptPerChannel = 21;

    /// <summary>M·K numbers that clustering keeps: the scores of both sides, their soft-max and the assignment.</summary>
    private const int KeptPerScore = 4;

    /// <summary>All of it, in bytes. A rough figure: allocators, kernels' workspace and the loader come on top.</summary>
    public long Bytes => WeightBytes + GradientBytes + MomentBytes + ActivationBytes;

    /// <summary>The estimate for a recipe on one device.</summary>
    /// <param name="recipe">Sizes, mask, objective and batch.</param>
    /// <param name="targetWidth">Numbers of a target, where a teacher gives it; ignored by the targets made from pixels.</param>
    public static RunEstimate Of(Recipe recipe, int targetWidth)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var parameters = ParameterCount(recipe, targetWidth);
        var halved = recipe.Precision != Precision.Float32;
        var kept = Activations(recipe, targetWidth) * recipe.Optimizer.MicroBatch;
        return new RunEstimate(
            parameters, Arithmetic.PerClip(recipe, targetWidth),
            parameters * (halved ? 6 : 4), parameters * 4, parameters * 8, (long)(kept * (halved ? 2 : 4)));
    }

    /// <summary>Numbers that a pre-norm block with MLP ratio 4 keeps of a clip for its backward pass: 21·n·D + heads·n².</summary>
    public static double BlockActivations(double tokens, double width, double heads) =>
        KeptPerChannel * tokens * width + heads * tokens * tokens;

    /// <summary>Numbers that <see cref="MaskedVideoModel"/> trains for a recipe.</summary>
    internal static long ParameterCount(Recipe recipe, int targetWidth)
    {
        var (model, objective, shape) = (recipe.Model, recipe.Objective, EncoderShape.Of(recipe));
        long width = model.Width, decoderWidth = model.DecoderWidth, outputs = recipe.PredictedNumbers(targetWidth);
        var encoder = recipe.Clip.TubeValues * width + width + model.Depth * Block(width) + 2 * width
            + (shape.LearnedPositions ? shape.Tubes * width : 0);
        var decoder = width * decoderWidth + decoderWidth + model.DecoderDepth * Block(decoderWidth) + 2 * decoderWidth
            + decoderWidth * outputs + outputs;
        var projection = 0L;
        if (objective.Projects)
        {
            long inputs = recipe.Clip.TubeValues;
            foreach (var layer in objective.Projection)
                (projection, inputs) = (projection + inputs * layer + layer, layer);
        }
        return encoder + decoder + projection + (objective.Clusters ? objective.Prototypes * outputs : 0);
    }

    /// <summary>Four matrices of attention and eight of the MLP; biases of all but the keys, and two norms.</summary>
    private static long Block(long width) => 12 * width * width + 12 * width;

    private static double Activations(Recipe recipe, int targetWidth)
    {
        var (model, objective, shape) = (recipe.Model, recipe.Objective, EncoderShape.Of(recipe));
        double hidden = recipe.Mask.HiddenTubes(recipe.Clip), visible = shape.Tubes - hidden;
        var kept = Blocks(model.Depth, visible, model.Width, model.Heads) + Blocks(model.DecoderDepth, shape.Tubes, model.DecoderWidth, model.DecoderHeads)
            + (double)shape.Tubes * recipe.Clip.TubeValues + hidden * recipe.PredictedNumbers(targetWidth);
        if (objective.Projects)
            kept += 2 * hidden * objective.Projection.Sum();
        return kept + (objective.Clusters ? KeptPerScore * hidden * objective.Prototypes : 0);

        // With checkpointed activations a block keeps its input, and one block at a time the rest.
        double Blocks(int depth, double tokens, double width, double heads) => model.CheckpointActivations
            ? depth * tokens * width + BlockActivations(tokens, width, heads)
            : depth * BlockActivations(tokens, width, heads);
    }
}
