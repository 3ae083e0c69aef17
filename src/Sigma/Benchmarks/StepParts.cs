using System.Diagnostics;
using Sigma.Models;
using Sigma.Objectives;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Benchmarks;

/// <summary>
/// <see cref="PretrainStep"/> part by part, with the device waited for after each: where the time goes. The waiting costs
/// some of it, so the parts are measured apart from the step's own time.
/// </summary>
internal sealed class StepParts(Recipe recipe, MaskedVideoModel model, ITarget target, PretrainStep step, Device device)
{
    private readonly IObjective objective = PretrainStep.ObjectiveOf(recipe, model);
    private readonly Dictionary<string, double> seconds = new()
    {
        // Made-up clips are there already; a run's share of waiting for real ones is in its metrics.
        ["decodeWait"] = 0, ["upload"] = 0, ["targets"] = 0, ["teacher"] = 0, ["encoder"] = 0, ["decoder"] = 0, ["loss"] = 0,
        ["backward"] = 0, ["optimiser"] = 0,
    };

    /// <summary>Each part's share of all steps so far.</summary>
    public IReadOnlyDictionary<string, double> Shares => seconds.ToDictionary(p => p.Key, p => p.Value / seconds.Values.Sum());

    /// <summary>One step; <c>loss</c> holds φ, scores, Sinkhorn and the loss with its gradient.</summary>
    public void Run(Tensor clips, Tensor visible, Tensor hidden, double rate)
    {
        using var scope = new TensorScope();
        var watch = Stopwatch.StartNew();
        void Lap(string part)
        {
            Engine.Wait(device);
            seconds[part] += watch.Elapsed.TotalSeconds;
            watch.Restart();
        }
        (clips, visible, hidden) = (F.To(clips, device), F.To(visible, device), F.To(hidden, device));
        Lap("upload");
        ObjectiveResult result;
        using (new Autocast(device, recipe.Precision.Type()))
        {
            var tubes = ClipTubes.Cut(clips, recipe.Clip.TubeFrames, recipe.Clip.TubeSize);
            var targets = target.Of(clips, tubes, hidden);
            Lap(recipe.Objective.NeedsTeacher ? "teacher" : "targets");
            var tokens = model.Encoder.Forward(tubes, visible);
            Lap("encoder");
            var predictions = model.Decode(tokens, visible, hidden);
            Lap("decoder");
            result = objective.Compute(predictions, targets);
            Lap("loss");
        }
        result.Loss.Backward();
        Lap("backward");
        step.Update(rate);
        Lap("optimiser");
    }
}
