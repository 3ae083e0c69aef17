using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// The end of a step: gradients add up over micro-batches, become the mean over the ranks, and then move the weights, on all
/// ranks alike.
/// </summary>
public sealed class WeightUpdate : IDisposable
{
    private readonly Module model;
    private readonly OptimizerRecipe recipe;
    private readonly GradientReducer? reducer;
    private int accumulated;

    /// <summary>An update of a model's parameters.</summary>
    /// <param name="model">What is trained; it belongs to the caller.</param>
    /// <param name="groups">Its parameters with their decays and rates.</param>
    /// <param name="recipe">Moments, accumulation, clipping and averaging.</param>
    /// <param name="precision">In half precision the loss is scaled.</param>
    /// <param name="ranks">Who shares the work, each with its part of every batch; null for this process alone.</param>
    public WeightUpdate(Module model, IReadOnlyList<ParameterGroup> groups, OptimizerRecipe recipe, Precision precision, Ranks? ranks = null)
    {
        (this.model, this.recipe, Groups) = (model, recipe, groups);
        if (ranks?.Group is { } group)
        {
            reducer = new(group, [.. model.Parameters().Select(p => p.Value)]);
            Shards = recipe.ShardState ? new(ranks, model) : null;
        }
        Optimizer = new AdamW(Shards?.Own(groups) ?? groups, recipe.Betas[0], recipe.Betas[1], recipe.Eps);
        Average = recipe.AverageWeights is { } decay && ranks is not { IsFirst: false } ? new WeightAverage(model, decay) : null;
        LossScale = precision == Precision.Fp16 ? new LossScale() : null;
    }

    /// <summary>All parameters with their decays and rates.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>Who keeps which moments; null where every rank keeps all.</summary>
    public OptimizerShards? Shards { get; }

    /// <summary>What the last update's gradients took on their way; null for one rank.</summary>
    public ReductionFigures? Reduction { get; private set; }

    /// <summary>Moves the weights, and carries the moments that a checkpoint keeps.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The average of the weights; null where the recipe asks for none, and on all ranks but the first.</summary>
    public WeightAverage? Average { get; }

    /// <summary>The scaling of the loss, or null where products do not run in half precision.</summary>
    public LossScale? LossScale { get; }

    /// <summary>Adds the gradients of one micro-batch's loss, a mean over its clips.</summary>
    public void Accumulate(Tensor loss)
    {
        accumulated++;
        reducer?.Begin(first: accumulated == 1, last: accumulated == recipe.Accumulate);
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
        accumulated = 0;
        Reduction = reducer?.Finish();
        LossScale?.Unscale(model);
        var norm = GradientNorm.Of(model);
        if (recipe.ClipGradient is { } most)
            GradientNorm.Clip(model, norm, most);
        if (LossScale?.Accepts(norm) ?? true)
        {
            if (rate is { } told)
                Optimizer.Next(told);
            Optimizer.Move();
            Shards?.ShareWeights();
            Average?.Update();
        }
        Optimizer.ZeroGradients();
        return norm;
    }

    /// <summary>Forgets the gradients of an update that does not come to its end.</summary>
    internal void Abandon()
    {
        accumulated = 0;
        Optimizer.ZeroGradients();
    }

    /// <summary>Frees the moments and the average.</summary>
    public void Dispose()
    {
        reducer?.Dispose();
        Optimizer.Dispose();
        Average?.Dispose();
    }
}
