using Sigma.Objectives;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>What one update says of the health of a run; each part null where it does not exist or was not measured.</summary>
/// <param name="PrototypeEntropy">Entropy of prototype use over ln K.</param>
/// <param name="DeadPrototypes">Share of the prototypes unused over the last updates.</param>
/// <param name="RankTargets">RankMe of the targets' features.</param>
/// <param name="RankPredictions">RankMe of the predictions.</param>
/// <param name="SpreadTargets">Variance of the targets' features over tubes, mean over dimensions.</param>
/// <param name="MarginalError">Largest deviation of a prototype's share from even use as Sinkhorn's last round began, over its even share.</param>
public sealed record HealthFigures(
    double? PrototypeEntropy, double? DeadPrototypes, double? RankTargets, double? RankPredictions, double? SpreadTargets, double? MarginalError);

/// <summary>Reads the health of a run from what its objective computed, on all ranks together.</summary>
/// <param name="recipe">Number of prototypes.</param>
/// <param name="ranks">Whose clips make up the batch; null for this process alone.</param>
public sealed class RunHealth(Recipe recipe, Ranks? ranks = null)
{
    /// <summary>Ranks cost an eigenvalue decomposition, so they are read at the first update and at every 20th.</summary>
    private const int RankEvery = 20;

    private const int DeadAfter = 50;

    private readonly PrototypeUse use = new(recipe.Objective.Prototypes, DeadAfter, ranks);
    private readonly Ranks ranks = ranks ?? Ranks.Alone;

    /// <summary>Whether an update is one of those that figures are read from that cost something.</summary>
    internal static bool LooksCloser(long step) => step == 1 || step % RankEvery == 0;

    /// <summary>The figures of one update. The host waits for the device here.</summary>
    /// <param name="step">Updates done, this one included.</param>
    /// <param name="results">Of its micro-batches; ranks are those of the first.</param>
    public HealthFigures Read(long step, IReadOnlyList<ObjectiveResult> results)
    {
        using var scope = new TensorScope();
        Tensor[] labels = [.. results.Select(r => r.TargetLabels).OfType<Tensor>()];
        double? entropy = labels.Length > 0 ? use.Add(F.Cat(labels, 0)) : null;
        var ranked = LooksCloser(step);
        return new(entropy, use.Dead,
            ranked ? EffectiveRank.Of(results[0].TargetFeatures, ranks) : null,
            ranked ? EffectiveRank.Of(results[0].PredictedFeatures, ranks) : null,
            ranked ? Spread(results[0].TargetFeatures) : null,
            results.Max(r => r.MarginalError?.Item()));
    }

    /// <summary>What a run that continues must know to go on with the same figures.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State() => use.State();

    /// <summary>Takes over what <see cref="State"/> gave.</summary>
    /// <exception cref="StateMismatchException">It belongs to another number of prototypes.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state) => use.Load(state);

    private double Spread(Tensor features)
    {
        if (ranks.Count == 1)
            return F.Mean(F.Variance(features, [0], unbiased: false)).Item();
        // Every rank holds as many rows, so means of means are means.
        var mean = F.Mean(F.To(features, ScalarType.Float64), [0]);
        ranks.SumInPlace!(mean);
        return ranks.Mean(F.Mean(F.Square(features - mean / ranks.Count)).Item());
    }
}
