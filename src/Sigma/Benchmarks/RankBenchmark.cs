using System.Diagnostics;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Benchmarks;

/// <summary>What a step of pre-training takes on a number of ranks, as rank 0 saw it.</summary>
/// <param name="Ranks">Number of ranks.</param>
/// <param name="Clips">Of the global batch.</param>
/// <param name="StepMilliseconds">Median of a step, without waiting for clips.</param>
/// <param name="ReduceMilliseconds">Median time in which gradients were under way.</param>
/// <param name="ExposedMilliseconds">Median of what was left of it when backward had ended.</param>
/// <param name="HiddenShare">The share of it hidden behind backward; null for one rank.</param>
/// <param name="GradientBytes">Gradients of a step.</param>
/// <param name="SentBytes">What this rank sent in a step, as the kernel counts it: gradients, Sinkhorn's sums, signs of life.</param>
/// <param name="LeastBytes">What a rank must send to sum so much over the ranks: 2 (R − 1) / R of it.</param>
public sealed record RankTiming(
    int Ranks, int Clips, double StepMilliseconds, double ReduceMilliseconds, double ExposedMilliseconds, double? HiddenShare,
    long GradientBytes, long SentBytes, long LeastBytes);

/// <summary>Times steps of pre-training on made-up clips: what several ranks cost beside their arithmetic.</summary>
public static class RankBenchmark
{
    private const int WarmUp = 2;
    private const int Steps = 8;

    /// <summary>Measures on the ranks that this process belongs to. All of them call it.</summary>
    /// <param name="recipe">Sizes and the global batch.</param>
    /// <param name="device">Where.</param>
    /// <param name="ranks">Who shares the batch.</param>
    public static RankTiming Measure(Recipe recipe, Device device, Ranks ranks)
    {
        using var scope = new TensorScope();
        var target = RecipeTarget.Of(recipe, device);
        using var model = new MaskedVideoModel(recipe, target.Width, recipe.Seed);
        using var step = new PretrainStep(recipe, model, target, device, ranks);
        var (clips, visible, hidden) = MadeUp.Batch(recipe, recipe.Optimizer.MicroBatch / ranks.Count, ranks.Rank);
        var (times, reduces) = (new List<double>(), new List<ReductionFigures>());
        long sent = 0, reduced = 0;
        for (var i = 0; i < WarmUp + Steps; i++)
        {
            using var once = new TensorScope();
            if (i == WarmUp)
                (sent, reduced) = (ProcessGroup.SentBytes, ranks.Group?.ReducedBytes ?? 0);
            var watch = Stopwatch.StartNew();
            for (var micro = 0; micro < recipe.Optimizer.Accumulate; micro++)
                step.Accumulate(clips, visible, hidden);
            _ = step.Update(recipe.Optimizer.ScaledFinalLr).Item();
            if (i < WarmUp)
                continue;
            times.Add(watch.Elapsed.TotalMilliseconds);
            if (step.Weights.Reduction is { } reduction)
                reduces.Add(reduction);
        }
        (sent, reduced) = (ProcessGroup.SentBytes - sent, (ranks.Group?.ReducedBytes ?? 0) - reduced);
        ranks.Barrier();
        var alone = ranks.Count == 1;
        var (busy, exposed) = alone ? (0, 0) : (PairedTiming.Median(reduces.Select(r => r.Busy.TotalMilliseconds)), PairedTiming.Median(reduces.Select(r => r.Exposed.TotalMilliseconds)));
        return new(
            ranks.Count, recipe.Optimizer.Batch, PairedTiming.Median(times), busy, exposed,
            alone ? null : 1 - Math.Min(1, reduces.Sum(r => r.Exposed.TotalSeconds) / reduces.Sum(r => r.Busy.TotalSeconds)),
            model.ParameterCount * sizeof(float), alone ? 0 : sent / Steps, 2 * (ranks.Count - 1) * (reduced / Steps) / ranks.Count);
    }
}
