using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>The end of a step: gradients add up over micro-batches, and then move the weights.</summary>
public sealed class WeightUpdate : IDisposable
{
    private readonly Module model;
    private readonly OptimizerRecipe recipe;
    private readonly Action? moved;

    /// <summary>An update of a model's parameters.</summary>
    /// <param name="model">What is trained; it belongs to the caller.</param>
    /// <param name="groups">Its parameters with their decays and rates.</param>
    /// <param name="recipe">Moments, accumulation, clipping and averaging.</param>
    /// <param name="precision">In half precision the loss is scaled.</param>
    /// <param name="averages">Whether this process keeps the average that the recipe asks for.</param>
    /// <param name="moved">Called when the weights have moved, before their average takes them in; null for nothing.</param>
    public WeightUpdate(
        Module model, IReadOnlyList<ParameterGroup> groups, OptimizerRecipe recipe, Precision precision, bool averages = true, Action? moved = null)
    {
        (this.model, this.recipe, this.moved) = (model, recipe, moved);
        Optimizer = new AdamW(groups, recipe.Betas[0], recipe.Betas[1], recipe.Eps);
        Average = averages && recipe.AverageWeights is { } decay ? new WeightAverage(model, decay) : null;
        LossScale = precision == Precision.Fp16 ? new LossScale() : null;
    }

    /// <summary>Moves the weights, and carries the moments that a checkpoint keeps.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The average of the weights, or null where the recipe asks for none.</summary>
    public WeightAverage? Average { get; }

    /// <summary>The scaling of the loss, or null where products do not run in half precision.</summary>
    public LossScale? LossScale { get; }

    /// <summary>Adds the gradients of one micro-batch's loss, a mean over its clips.</summary>
    public void Accumulate(Tensor loss)
    {
        var share = recipe.Accumulate == 1 ? loss : loss / recipe.Accumulate;
        (LossScale?.Scaled(share) ?? share).Backward();
    }

    /// <summary>
    /// Clips the gradients if the recipe says so, moves the weights at this rate, and forgets the gradients. With loss
    /// scaling, gradients that are not finite move nothing.
    /// </summary>
    /// <param name="rate">Null while a graph is recorded, before whose launches <see cref="AdamW.Next"/> is told.</param>
    /// <returns>The norm of all gradients before clipping, a scalar in the caller's scope.</returns>
    public Tensor Apply(double? rate)
    {
        LossScale?.Unscale(model);
        var norm = GradientNorm.Of(model);
        if (recipe.ClipGradient is { } most)
            GradientNorm.Clip(model, norm, most);
        if (LossScale?.Accepts(norm) ?? true)
        {
            if (rate is { } told)
                Optimizer.Next(told);
            Optimizer.Move();
            moved?.Invoke();
            Average?.Update();
        }
        Optimizer.ZeroGradients();
        return norm;
    }

    /// <summary>Frees the moments and the average.</summary>
    public void Dispose()
    {
        Optimizer.Dispose();
        Average?.Dispose();
    }
}
