using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// How the ranks of a run save and continue: rank 0 writes and reads for all, so that the run's folder is needed there alone.
/// All ranks make the same calls.
/// </summary>
/// <param name="ranks">Who trains.</param>
/// <param name="store">The run's checkpoints; other ranks than the first need not reach them.</param>
/// <param name="log">Where it is told.</param>
/// <param name="model">What is trained.</param>
/// <param name="weights">Moves it.</param>
/// <param name="recipe">What the recipe is known by.</param>
/// <param name="dataHash">Of the lists of videos.</param>
/// <param name="health">Figures that remember something, which rank 0 keeps; null for none.</param>
internal sealed class SharedCheckpoints(
    Ranks ranks, CheckpointStore store, RunLog log, Module model, WeightUpdate weights, RecipeIdentity recipe, string dataHash, RunHealth? health = null)
{
    private const int MostDifferences = 5;

    /// <summary>Sections and keys that the hash of what a recipe computes leaves out.</summary>
    private static readonly string[] ChangesNothing = ["data.", "checkpoint.", "health.", "views.", "optimizer.shardState"];

    /// <summary>
    /// 1. The newest whole checkpoint, where the run is to continue. 2. The weights as they are. In both cases rank 0's become
    /// those of all, and with a checkpoint the optimiser's moments, its steps and the loss scaling.
    /// </summary>
    /// <param name="resume">Whether the run is to continue.</param>
    /// <returns>Updates done.</returns>
    /// <exception cref="BadInputException">The checkpoint belongs to another recipe, other data, or a model of another size.</exception>
    public long Start(bool resume)
    {
        var done = Load(resume);
        if (ranks.Count == 1)
            return done;
        var scale = weights.LossScale?.State ?? new(0, 0, 0);
        var mine = ranks.IsFirst ? 1 : 0;
        var numbers = ranks.Sum(mine * done, mine * weights.Optimizer.Steps, mine * scale.Value, mine * scale.Good, mine * scale.Skipped);
        ranks.Share("set of weights", [.. model.Parameters().Select(p => p.Value)]);
        if (numbers[0] > 0 && weights.Shards is null)
            ranks.Share("set of moments", [.. weights.Optimizer.State().Select(p => p.Value)]);
        weights.Optimizer.Steps = (long)numbers[1];
        if (weights.LossScale is { } lossScale)
            lossScale.State = new(numbers[2], (int)numbers[3], (long)numbers[4]);
        return (long)numbers[0];
    }

    /// <summary>Saves, once it is sure that all ranks have the same weights.</summary>
    /// <param name="done">Updates done.</param>
    /// <exception cref="BadInputException">The ranks' weights have drifted apart.</exception>
    /// <exception cref="IOException">The checkpoint could not be saved.</exception>
    public void Save(long done)
    {
        ranks.RequireSame("set of weights", ranks.Count == 1 ? "" : TensorHash.Of(model.Parameters().Select(p => p.Value)), (_, _) => $"they have drifted apart by step {done}");
        using var scope = new TensorScope();
        var moments = weights.Shards?.Collect(weights.Optimizer, weights.Groups);
        if (!ranks.IsFirst)
            return;
        var folder = store.Save(done, model, weights.Optimizer, recipe.Hash, dataHash, weights.Average, weights.LossScale, moments, health?.State());
        log.Say($"saved {Path.GetRelativePath(store.Run.Path, folder)}");
    }

    /// <summary>Stops a run that diverged; a gradient that overflows is none while the loss can be scaled down.</summary>
    /// <exception cref="RunStoppedException">The loss or the gradient's norm is not a finite number.</exception>
    public void RequireFinite(StepMetrics figures)
    {
        var loss = double.IsFinite(figures.Loss);
        if (loss && (double.IsFinite(figures.GradNorm) || weights.LossScale is { HasRoom: true }))
            return;
        var kept = store.Newest() is { } newest ? $"The last good checkpoint is {newest}." : "No checkpoint had been saved yet.";
        throw new RunStoppedException(
            $"{(loss ? "the gradient's norm" : "the loss")} of step {figures.Step} is not a finite number. {kept} " +
            "Try a lower optimizer.lr, a longer optimizer.warmupEpochs, optimizer.clipGradient=1, or precision=float32.");
    }

    private long Load(bool resume)
    {
        var newest = ranks.IsFirst && resume ? store.Newest() : null;
        // Shared moments go to their owners while rank 0 reads them.
        if (weights.Shards is { } shards && ranks.Any(newest is not null) && newest is null)
            shards.Distribute(weights.Optimizer, null);
        if (newest is not null)
        {
            RequireSameRecipe(newest);
            var state = CheckpointStore.Load(
                newest, model, weights.Optimizer, recipe.Hash, dataHash, weights.Average, weights.LossScale,
                weights.Shards is null ? null : moments => weights.Shards.Distribute(weights.Optimizer, moments),
                health is null ? null : health.Load);
            log.Say($"continuing from {Path.GetFileName(newest)}");
            return state.Step;
        }
        if (resume)
            log.Say("no whole checkpoint to continue from: starting at step 0");
        return 0;
    }

    /// <summary>Names what another recipe has otherwise, before its weights show that they do not fit.</summary>
    private void RequireSameRecipe(string newest)
    {
        if (CheckpointStore.WasMadeWith(newest, recipe.Hash))
            return;
        IReadOnlyList<string> newer = [];
        var earlier = File.Exists(store.Run.Recipe) ? recipe.WithoutKeysMissingIn(store.Run.Recipe, out newer) : null;
        if (earlier is not null && CheckpointStore.WasMadeWith(newest, earlier))
        {
            store.Rename(earlier, recipe.Hash);
            log.Say($"the run began before a recipe had {string.Join(", ", newer)}: {(newer.Count == 1 ? "it has its default" : "they have their defaults")}");
            return;
        }
        var differences = !File.Exists(store.Run.Recipe) ? [] : RecipeDifference.Between(File.ReadAllText(store.Run.Recipe), recipe.Resolved)
            .Where(setting => !ChangesNothing.Any(part => setting.Key.StartsWith(part, StringComparison.Ordinal)))
            .Select(setting => $"{setting.Key} {setting.First ?? "unknown"} there, {setting.Other ?? "unknown"} here").ToList();
        var which = differences.Count == 0 ? "" : $" ({string.Join("; ", differences.Take(MostDifferences))}{(differences.Count > MostDifferences ? FormattableString.Invariant($" and {differences.Count - MostDifferences} more") : "")})";
        throw new BadInputException($"{newest} was made with another recipe{which}; a run continues with the recipe it began with: {store.Run.Recipe}");
    }
}
