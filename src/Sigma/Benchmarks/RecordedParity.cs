using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Benchmarks;

/// <summary>
/// Whether whole updates, recorded as a CUDA graph where they can be, train as operator after operator does: from the same
/// weights over the same clips, other ones and another rate in every update.
/// </summary>
public static class RecordedParity
{
    /// <summary>Sums on a GPU are added up in no fixed order; stale clips, rates or counts lie far beyond this.</summary>
    public const double Tolerance = 1e-2;

    private const int Updates = StepGraph.OrdinaryUpdates + 4;

    /// <summary>How far apart both end, each as a share of its own size.</summary>
    /// <param name="Losses">The largest difference of an update's loss.</param>
    /// <param name="Norms">The largest difference of an update's gradient norm.</param>
    /// <param name="Weights">The weights' distance from each other over their way from the start.</param>
    /// <param name="NotRecorded">Why both ran operator by operator; null where one was recorded.</param>
    public sealed record Difference(double Losses, double Norms, double Weights, string? NotRecorded)
    {
        /// <summary>Whether all are within <see cref="Tolerance"/>.</summary>
        public bool Holds => Losses <= Tolerance && Norms <= Tolerance && Weights <= Tolerance;
    }

    private sealed record Course(double[] Losses, double[] Norms, double[] Start, double[] End, string? NotRecorded);

    /// <summary>Trains a small model both ways on a device.</summary>
    public static Difference Of(Device device)
    {
        var (whole, plain) = (Train(device, whole: true), Train(device, whole: false));
        return new(
            Largest(whole.Losses, plain.Losses), Largest(whole.Norms, plain.Norms),
            Distance(whole.End, plain.End) / Distance(plain.Start, plain.End), whole.NotRecorded);
    }

    private static Course Train(Device device, bool whole)
    {
        var recipe = StepParity.SmallRecipe(TargetKind.Mlp) with { Precision = device.IsCuda ? Precision.Bf16 : Precision.Float32 };
        using var model = new MaskedVideoModel(recipe, 0, seed: 5);
        using var step = new PretrainStep(recipe, model, new PixelTarget(recipe.Clip.TubeValues, true), device);
        var (losses, norms, start) = (new double[Updates], new double[Updates], Weights(model));
        for (var i = 0; i < Updates; i++)
        {
            using var scope = new TensorScope();
            var (clips, visible, hidden) = MadeUp.Batch(recipe, 2, seed: i);
            var rate = 1e-4 * (1 + i);
            if (whole)
            {
                var (result, norm) = step.Whole(clips, visible, hidden, null, rate);
                (losses[i], norms[i]) = (result.Loss.Item(), norm.Item());
            }
            else
            {
                losses[i] = step.Accumulate(clips, visible, hidden).Loss.Item();
                norms[i] = step.Update(rate).Item();
            }
        }
        return new(losses, norms, start, Weights(model), step.NotRecorded);
    }

    private static double[] Weights(MaskedVideoModel model) => [.. model.Parameters().SelectMany(p => p.Value.ToArray<double>())];

    private static double Largest(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y) / Math.Abs(y)).Max();

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
