using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>
/// Says when what a run predicts has become the same everywhere, so that its loss no longer teaches anything. The rule: at
/// three readings in a row, the targets' effective rank is under 2, or the entropy of prototype use is under a tenth of ln K,
/// or, where nothing is clustered, their spread is under a third of the highest reading so far. Spread, because φ under a
/// regression shrinks its features alike in all directions, which leaves their rank where it was; with clusters it may
/// shrink in a healthy run, and prototype use tells.
/// </summary>
public sealed class CollapseAlarm
{
    private const double LeastRank = 2;
    private const double LeastShareOfSpread = 1 / 3.0;
    private const double LeastEntropy = 0.1;
    private const int Readings = 3;

    private readonly Recipe recipe;
    private double widest;
    private int low;
    private bool said;

    /// <summary>An alarm that knows the figures so far, so that a run that continues is measured against its own beginning.</summary>
    public CollapseAlarm(Recipe recipe, IEnumerable<StepMetrics> earlier)
    {
        this.recipe = recipe;
        foreach (var metrics in earlier)
            Read(metrics);
        said = false;
    }

    /// <summary>Takes in the figures of an update.</summary>
    /// <returns>What is wrong and what to do about it, once; else null.</returns>
    public string? Read(StepMetrics metrics)
    {
        if (metrics is not { RankTargets: { } rank, SpreadTargets: { } spread })
            return null;
        widest = Math.Max(widest, spread);
        var collapsed = rank < LeastRank || (metrics.PrototypeEntropy is null && spread < LeastShareOfSpread * widest) || metrics.PrototypeEntropy < LeastEntropy;
        low = collapsed ? low + 1 : 0;
        if (low < Readings || said)
            return null;
        said = true;
        var entropy = metrics.PrototypeEntropy is { } use ? FormattableString.Invariant($", prototype use {use:0.00} of 1") : "";
        return FormattableString.Invariant($"collapse at step {metrics.Step}: what the network predicts is the same nearly everywhere (spread of the targets {spread:g3}, at most {widest:g3} before; effective rank {rank:0.0}{entropy}). ") + Advice;
    }

    private string Advice => recipe.Objective.Target == TargetKind.Features
        ? "objective.target=features leads there by itself, since nothing keeps its targets apart: use objective.target=mlp."
        : "Look whether the clips show anything that moves or differs; then try a lower optimizer.lr, a longer optimizer.warmupEpochs, or a smaller objective.epsilon.";
}
