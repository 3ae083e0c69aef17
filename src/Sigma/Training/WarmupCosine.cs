using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>
/// A value for every step: a straight line up, then half a cosine down. With w warm-up steps of n in all,
/// <code>
/// step s &lt; w:  start + (base − start) · s / (w − 1)            (both ends included: step w − 1 has the base value)
/// step s ≥ w:  final + (base − final) / 2 · (1 + cos(π (s − w) / (n − w)))
/// </code>
/// the schedule of the published VideoMAE and SIGMA code. The final value itself is approached, not reached.
/// </summary>
public sealed record WarmupCosine
{
    private readonly double baseValue, finalValue, startValue;
    private readonly long warmupSteps;

    /// <summary>Lays out a schedule.</summary>
    /// <param name="baseValue">value at the end of the warm-up, e.g. 1.5e-4 × global batch / 256</param>
    /// <param name="finalValue">value the cosine falls (or rises) to</param>
    /// <param name="epochs">epochs in all</param>
    /// <param name="stepsPerEpoch">updates in an epoch</param>
    /// <param name="warmupEpochs">epochs of warm-up, 0 for none</param>
    /// <param name="startValue">value of the first warm-up step</param>
    /// <exception cref="ArgumentOutOfRangeException">no step at all, or more warm-up than epochs</exception>
    public WarmupCosine(double baseValue, double finalValue, int epochs, int stepsPerEpoch, int warmupEpochs = 0, double startValue = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepsPerEpoch);
        ArgumentOutOfRangeException.ThrowIfNegative(warmupEpochs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(warmupEpochs, epochs);
        (this.baseValue, this.finalValue, this.startValue) = (baseValue, finalValue, startValue);
        warmupSteps = (long)warmupEpochs * stepsPerEpoch;
        Steps = (long)epochs * stepsPerEpoch;
    }

    /// <summary>
    /// The rates of a recipe at its batch. A length in updates is a schedule of one-update epochs whose warm-up keeps its share.
    /// </summary>
    public static WarmupCosine Of(OptimizerRecipe recipe, int stepsPerEpoch) => recipe.Steps is { } steps
        ? new(recipe.ScaledLr, recipe.ScaledFinalLr, steps, 1, (int)((long)steps * recipe.WarmupEpochs / recipe.Epochs))
        : new(recipe.ScaledLr, recipe.ScaledFinalLr, recipe.Epochs, stepsPerEpoch, recipe.WarmupEpochs);

    /// <summary>Number of steps the schedule has.</summary>
    public long Steps { get; }

    /// <summary>The value of a step, counted from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">the step is not one of the schedule's</exception>
    public double this[long step]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(step);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, Steps);
            if (step < warmupSteps)
                return startValue + (baseValue - startValue) * step / Math.Max(warmupSteps - 1, 1);
            var progress = (double)(step - warmupSteps) / (Steps - warmupSteps);
            return finalValue + 0.5 * (baseValue - finalValue) * (1 + Math.Cos(Math.PI * progress));
        }
    }
}
