using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Benchmarks;

/// <summary>
/// A whole step of pre-training on made-up clips: ours beside <see cref="PublishedStep"/> on the same weights, or the latter
/// alone. No video is decoded, and no teacher's file is read.
/// </summary>
public sealed class StepBenchmark : IDisposable
{
    private const double Rate = 1e-5;
    private readonly Recipe recipe;
    private readonly Device device;
    private readonly int batch;
    private readonly TensorScope scope = new();
    private readonly TeacherTarget? teacher;
    private readonly ITarget target;
    private readonly MaskedVideoModel model;
    private readonly PretrainStep ours;
    private readonly PublishedStep published;
    private readonly Tensor clips, visible, hidden, publishedClips, publishedMask;

    /// <summary>Makes clips, masks, weights and, where it is asked for, a teacher.</summary>
    /// <param name="recipe">Sizes, target and precision; a teacher's file need not be named.</param>
    /// <param name="batch">Clips of a step.</param>
    /// <param name="device">Where.</param>
    public StepBenchmark(Recipe recipe, int batch, Device device)
    {
        (this.recipe, this.batch, this.device) = (recipe, batch, device);
        teacher = recipe.Objective.NeedsTeacher ? new TeacherTarget(MadeUp.Teacher(recipe.Objective.Target, device), recipe) : null;
        target = teacher ?? (ITarget)new PixelTarget(recipe.Clip.TubeValues, recipe.Objective.NormaliseTarget);
        model = new MaskedVideoModel(recipe, target.Width, seed: 0);
        ours = new PretrainStep(recipe, model, target, device);
        published = new PublishedStep(recipe, model, teacher, device);
        (clips, visible, hidden) = MadeUp.Batch(recipe, batch);
        publishedClips = MadeUp.PublishedClips(clips);
        // As loaders hand them out for a GPU.
        if (device.IsCuda)
            (clips, publishedClips) = (F.PinMemory(clips), F.PinMemory(publishedClips));
        publishedMask = MadeUp.PublishedMask(recipe, hidden);
    }

    /// <summary>Operations of a clip, forward and backward.</summary>
    public double OperationsPerClip => Arithmetic.PerClip(recipe, target);

    /// <summary>Times both alternately, and looks where our time goes.</summary>
    /// <param name="steps">Pairs of steps.</param>
    public BenchResult Run(int steps)
    {
        Record();
        var timing = PairedTiming.Measure(Ours, Published, steps);
        // Made-up clips are there already; a run's share of waiting for real ones is in its metrics.
        var parts = ours.Parts = new StepParts(device);
        for (var i = 0; i < steps; i++)
        {
            parts.Begin();
            Ours();
        }
        ours.Parts = null;
        return Result(timing.Ours, timing.Ratio, MemoryRatio(), parts.Shares);
    }

    /// <summary>Times ours alone, so that a process holds nothing but what that needs.</summary>
    /// <param name="steps">How many steps.</param>
    public BenchResult RunOurs(int steps) => Result(Seconds(steps), 1, null, new Dictionary<string, double>());

    /// <summary>Times the published composition alone.</summary>
    /// <param name="steps">How many steps.</param>
    public BenchResult RunPublished(int steps) => Result(Median(Published, steps), 1, null, new Dictionary<string, double>());

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        ours.Dispose();
        published.Dispose();
        model.Dispose();
        teacher?.Dispose();
        scope.Dispose();
    }

    /// <summary>Seconds of our step, the median of several.</summary>
    internal double Seconds(int steps)
    {
        Record();
        return Median(Ours, steps);
    }

    private BenchResult Result(double seconds, double ratio, double? memory, IReadOnlyDictionary<string, double> parts)
    {
        var ceiling = MatrixCeiling.Measure(device, recipe.Precision.Type(), seconds: 2);
        return new BenchResult(
            ratio, batch / seconds, OperationsPerClip / 1e9, ceiling / 1e9, batch * OperationsPerClip / seconds / ceiling, memory, parts);
    }

    /// <summary>What is timed on a GPU is the recorded step, where it can be recorded.</summary>
    private void Record()
    {
        for (var i = 0; device.IsCuda && i <= StepGraph.OrdinaryUpdates; i++)
            Ours();
    }

    private static double Median(Action step, int steps)
    {
        step();
        return PairedTiming.Median([.. Enumerable.Range(0, steps).Select(_ => PairedTiming.Seconds(step))]);
    }

    private void Ours()
    {
        using var inner = new TensorScope();
        ours.Whole(clips, visible, hidden, null, Rate);
        Engine.Wait(device);
    }

    /// <summary>Operator by operator, as the memory that a step takes can be counted.</summary>
    private void OursUnrecorded()
    {
        using var inner = new TensorScope();
        ours.Accumulate(clips, visible, hidden);
        ours.Update(Rate);
        Engine.Wait(device);
    }

    private void Published()
    {
        using var inner = new TensorScope();
        published.Accumulate(publishedClips, publishedMask);
        published.Update(Rate);
        Engine.Wait(device);
    }

    /// <summary>Peaks of a step with what it keeps between steps: weights, both moments, and its clips.</summary>
    private double MemoryRatio()
    {
        var kept = 3.0 * sizeof(float) * model.ParameterCount;
        double Whole(Action step, Tensor input) => kept + input.Elements * input.Type.Size() + MemoryUse.Peak(step, device);
        return Whole(OursUnrecorded, clips) / Whole(Published, publishedClips);
    }
}
