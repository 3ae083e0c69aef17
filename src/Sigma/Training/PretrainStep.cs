using Sigma.Models;
using Sigma.Objectives;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// One step of pre-training, in the order of the paper: targets, predictions, loss, backward, update.
/// </summary>
public sealed class PretrainStep : IDisposable
{
    private readonly Recipe recipe;
    private readonly Device device;
    private readonly ITarget target;
    private readonly IObjective objective;
    private readonly StepGraph? graph;
    private readonly string? neverRecorded;

    /// <summary>
    /// A step for a model; the objective and the optimiser are those of the recipe. Several ranks each compute their part of
    /// the batch, and move the weights alike.
    /// </summary>
    public PretrainStep(Recipe recipe, MaskedVideoModel model, ITarget target, Device device, Ranks? ranks = null)
    {
        (this.recipe, this.target, this.device, Model) = (recipe, target, device, model);
        model.MoveTo(device);
        objective = ObjectiveOf(recipe, model, ranks);
        Weights = new(model, ParameterGroups.Of(model, recipe.Optimizer.WeightDecay), recipe.Optimizer, recipe.Precision, ranks);
        neverRecorded = StepGraph.WhyNot(recipe, device, ranks?.Count ?? 1);
        graph = neverRecorded is null ? new StepGraph(this, device) : null;
    }

    /// <summary>Why <see cref="Whole"/> does not run as one CUDA graph; null where it does, after the first updates.</summary>
    public string? NotRecorded => neverRecorded ?? graph!.Failure;

    /// <summary>Whether <see cref="Whole"/> runs as one CUDA graph by now.</summary>
    public bool Recorded => graph is { Recorded: true };

    /// <summary>What is trained.</summary>
    public MaskedVideoModel Model { get; }

    /// <summary>Moves the weights at the end of a step.</summary>
    public WeightUpdate Weights { get; }

    /// <summary>Learns where the time goes while it is set; null otherwise.</summary>
    public StepParts? Parts { get; set; }

    private static IObjective ObjectiveOf(Recipe recipe, MaskedVideoModel model, Ranks? ranks) => recipe.Objective.Target switch
    {
        TargetKind.Pixel => new PixelReconstruction(),
        TargetKind.Features => new FeatureRegression(model.Projection!),
        _ => new SinkhornClustering(recipe.Objective, model.Prototypes!, model.Projection, ranks is null ? null : ranks.SumInPlace),
    };

    /// <summary>
    /// One update from one micro-batch: <see cref="Accumulate"/> and <see cref="Update"/>. On a GPU it becomes one CUDA graph
    /// after the first updates where the recipe allows it, unless <see cref="Parts"/> are watched.
    /// </summary>
    /// <returns>What both return; the values are those of this update until the next one.</returns>
    /// <inheritdoc cref="Accumulate"/>
    public (ObjectiveResult Result, Tensor GradientNorm) Whole(Tensor clips, Tensor visible, Tensor hidden, Tensor? tokens, double rate)
    {
        if (Parts is null && graph?.Run([clips, visible, hidden, tokens], rate) is { } done)
            return done;
        var result = Accumulate(clips, visible, hidden, tokens);
        return (result, Update(rate));
    }

    /// <summary>
    /// Targets, predictions, loss and gradients of one micro-batch; gradients add up until <see cref="Update"/>.
    /// </summary>
    /// <param name="clips">[B, T, H, W, 3], bytes, or normalised numbers.</param>
    /// <param name="visible">[B, N - M], the tubes the encoder sees.</param>
    /// <param name="hidden">[B, M], the tubes to predict.</param>
    /// <param name="tokens">[B, N, D], a teacher's tokens that were made ahead; null where none are stored.</param>
    /// <returns>The result, whose tensors belong to the caller's scope.</returns>
    public ObjectiveResult Accumulate(Tensor clips, Tensor visible, Tensor hidden, Tensor? tokens = null)
    {
        using var scope = new TensorScope();

        // 1. Clips travel as bytes and are cut into tubes; only those that are needed become numbers.
        (clips, visible, hidden) = (F.To(clips, device), F.To(visible, device), F.To(hidden, device));
        Parts?.Done("upload");
        var tubes = ClipTubes.Cut(clips, recipe.Clip.TubeFrames, recipe.Clip.TubeSize); // [B, N, P]

        ObjectiveResult result;
        using (new Autocast(device, recipe.Precision.Type()))
        {
            // 2. What is to be predicted for the hidden tubes.
            var targets = target.Of(clips, tubes, hidden, tokens is null ? null : F.To(tokens, device)); // [B, M, P]
            Parts?.Done(recipe.Objective.NeedsTeacher ? "teacher" : "targets");

            // 3. Encoder over the visible tubes, decoder over all of them.
            var seen = Model.Encoder.Forward(tubes, visible); // [B, N - M, D]
            Parts?.Done("encoder");
            var predictions = Model.Decode(seen, visible, hidden); // [B, M, D]
            Parts?.Done("decoder");

            // 4. Scores, assignments and loss.
            result = objective.Compute(predictions, targets);
            Parts?.Done("loss");
        }

        // 5. Gradients.
        Weights.Accumulate(result.Loss);
        Parts?.Done("backward");
        return result.KeptFrom(scope);
    }

    /// <summary>
    /// Clips the gradients if the recipe says so, moves the weights at this rate, and forgets the gradients. With loss
    /// scaling, gradients that are not finite move nothing.
    /// </summary>
    /// <param name="rate">Null while a graph is recorded, before whose launches the optimiser is told.</param>
    /// <returns>The norm of all gradients before clipping, a scalar in the caller's scope.</returns>
    public Tensor Update(double? rate)
    {
        var norm = Weights.Apply(rate);
        Parts?.Done("optimiser");
        return norm;
    }

    /// <summary>Frees the moments and the average; the model belongs to the caller.</summary>
    public void Dispose()
    {
        graph?.Dispose();
        Weights.Dispose();
    }
}
