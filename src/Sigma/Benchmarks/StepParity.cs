using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Benchmarks;

/// <summary>
/// Whether our step computes on a device what <see cref="PublishedStep"/> computes there, from the same weights and clips:
/// for machines where a benchmark is run and no test can be.
/// </summary>
public static class StepParity
{
    /// <summary>float32 gradients that passed through sums in another order.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>How far one target's step is off.</summary>
    /// <param name="Target">Of which objective.</param>
    /// <param name="Loss">Difference of the losses, relative.</param>
    /// <param name="Gradients">Largest difference of a gradient, relative to the largest of its tensor.</param>
    /// <param name="Worst">The parameter where that is.</param>
    public sealed record Difference(TargetKind Target, double Loss, double Gradients, string Worst)
    {
        /// <summary>Whether both are within <see cref="Tolerance"/>.</summary>
        public bool Holds => Loss <= Tolerance && Gradients <= Tolerance;
    }

    /// <summary>The difference for one target that needs no teacher.</summary>
    public static Difference Of(TargetKind target, Device device)
    {
        using var scope = new TensorScope();
        var recipe = SmallRecipe(target);
        using var model = new MaskedVideoModel(recipe, 0, seed: 5);
        using var ours = new PretrainStep(recipe, model, new PixelTarget(recipe.Clip.TubeValues, true), device);
        using var published = new PublishedStep(recipe, model, null, device);
        var (clips, visible, hidden) = MadeUp.Batch(recipe, 2);

        var loss = ours.Accumulate(clips, visible, hidden).Loss.Item();
        var gradients = model.Parameters().ToDictionary(p => p.Name, p => p.Value.Grad?.ToArray<double>());
        foreach (var (_, value) in model.Parameters())
            value.Grad = null;
        var wanted = published.Accumulate(MadeUp.PublishedClips(clips), MadeUp.PublishedMask(recipe, hidden)).Item();

        var (most, worst) = (0.0, "");
        foreach (var (name, value) in model.Parameters())
        {
            var difference = Off(value.Grad?.ToArray<double>(), gradients[name]);
            if (!(difference <= most))
                (most, worst) = (difference, name);
        }
        return new Difference(target, Math.Abs(loss - wanted) / Math.Abs(wanted), most, worst);
    }

    /// <summary>The method's way through all its parts, small enough for a moment.</summary>
    internal static Recipe SmallRecipe(TargetKind target) => new()
    {
        Model = ModelRecipe.Of(ModelSize.VitTi) with { Depth = 2, DecoderDepth = 1 },
        Clip = new ClipRecipe { Size = 64 },
        Objective = new ObjectiveRecipe { Target = target, Prototypes = 50, Projection = [64, 32] },
    };

    private static double Off(double[]? wanted, double[]? got)
    {
        if (wanted is null || got is null)
            return wanted is null && got is null ? 0 : double.PositiveInfinity;
        var largest = wanted.Max(Math.Abs);
        return largest == 0 ? got.Max(Math.Abs) : wanted.Zip(got, (w, g) => Math.Abs(w - g)).Max() / largest;
    }
}
