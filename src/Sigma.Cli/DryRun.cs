using Sigma.Data;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary>
/// <c>sigma pretrain … --dry-run</c>: the resolved recipe, and as comments after it what the run will take here. Writes nothing.
/// </summary>
internal static class DryRun
{
    public static void Show(Recipe recipe, string? data, long? maxSteps, Device device)
    {
        var (targetWidth, teacherOperations, note) = Target(recipe, device);
        var estimate = RunEstimate.Of(recipe, targetWidth);
        var operations = estimate.OperationsPerClip + teacherOperations;
        Console.WriteLine(recipe.ToYaml().TrimEnd());
        Console.WriteLine();
        Say($"parameters   {estimate.Parameters / 1e6:0.00} M");
        Say($"operations   {operations / 1e9:0.00} GFLOP a clip, forward and backward{note}");
        Say($"memory       about {Size(estimate.Bytes)}: weights {Size(estimate.WeightBytes)}, gradients {Size(estimate.GradientBytes)}, moments {Size(estimate.MomentBytes)}, activations {Size(estimate.ActivationBytes)} for {recipe.Optimizer.MicroBatch} clips");
        Say($"             (activations by count: a block of n tokens keeps 21·n·D + heads·n² numbers; allocators, workspace and loader come on top)");
        // The CPU of older engines multiplies no halves; what a GPU would reach is not for this machine to say.
        var type = recipe.Precision == Precision.Fp16 && !device.IsCuda ? ScalarType.Float32 : recipe.Precision.Type();
        var ceiling = MatrixCeiling.Measure(device, type);
        Say($"ceiling      matrix products reach {ceiling / 1e9:0} GFLOP/s on {device} in {type}{(type == recipe.Precision.Type() ? "" : ", as fp16 is for GPUs")}");
        if (Steps(recipe, data) is not { } steps)
        {
            Say($"time         depends on the number of videos: give --data; {Time(operations / ceiling * recipe.Optimizer.Batch)} a step at the ceiling");
            return;
        }
        steps = Math.Min(steps, maxSteps ?? long.MaxValue);
        Say($"time         at least {Time(operations / ceiling * recipe.Optimizer.Batch * steps)} for {steps} steps of {recipe.Optimizer.Batch} clips, were every operation at the ceiling and no clip waited for");
    }

    /// <summary>Numbers of a target, a teacher's operations, and what to say of it.</summary>
    private static (int Width, double Operations, string Note) Target(Recipe recipe, Device device)
    {
        if (recipe.Objective.NeedsTeacher && recipe.Objective.Teacher is null)
            return (recipe.Model.Width, 0, ", without the teacher's, whose file is not given (--set objective.teacher=PATH); its tokens are taken as wide as the encoder's");
        recipe.RequireRunnable("the recipe");
        var target = RecipeTarget.Of(recipe, device);
        using (target as IDisposable)
            return (target.Width, target.OperationsPerClip, recipe.Objective.NeedsTeacher ? ", the teacher's included" : "");
    }

    /// <summary>Updates of the whole schedule; null where they follow from a number of videos that is not known.</summary>
    private static long? Steps(Recipe recipe, string? data)
    {
        if (data is null)
            return recipe.Optimizer.Steps;
        var videos = Manifest.Load(data).Count;
        Say($"videos       {videos}");
        return recipe.Optimizer.Steps ?? recipe.Optimizer.Epochs * Math.Max(1, (long)videos * recipe.Clip.Repeats / recipe.Optimizer.Batch);
    }

    private static void Say(FormattableString line) => Console.WriteLine("# " + FormattableString.Invariant(line));

    private static string Size(long bytes) => bytes >= 1e9
        ? FormattableString.Invariant($"{bytes / 1e9:0.00} GB")
        : FormattableString.Invariant($"{bytes / 1e6:0.0} MB");

    private static string Time(double seconds) => seconds switch
    {
        < 120 => FormattableString.Invariant($"{seconds:0.0} s"),
        < 7200 => FormattableString.Invariant($"{seconds / 60:0.0} min"),
        < 172800 => FormattableString.Invariant($"{seconds / 3600:0.0} h"),
        _ => FormattableString.Invariant($"{seconds / 86400:0.0} days"),
    };
}
