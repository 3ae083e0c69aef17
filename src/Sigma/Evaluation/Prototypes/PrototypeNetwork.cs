using Sigma.Masking;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Prototypes;

/// <summary>
/// What turns tubes into prototypes: φ, or the teacher, and the prototypes of a pre-training run. A tube belongs to the
/// prototype whose direction its feature is nearest to. Training assigns a whole batch at once, so that all prototypes are used
/// alike; the tubes of a single clip need not use them all.
/// </summary>
public sealed class PrototypeNetwork : IDisposable
{
    private readonly Device device;
    private readonly ITarget target;
    private readonly MaskedVideoModel model;

    private PrototypeNetwork(Recipe recipe, Device device, ITarget target, MaskedVideoModel model) =>
        (Recipe, this.device, this.target, this.model) = (recipe, device, target, model);

    /// <summary>Of the run.</summary>
    public Recipe Recipe { get; }

    /// <summary>Prototypes K.</summary>
    public int Count => (int)model.Prototypes!.Size(0);

    /// <summary>Loads the network of a run.</summary>
    /// <param name="checkpoint">A pre-training run's folder, or one of its checkpoints.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="BadInputException">There is no such run, or it has no prototypes.</exception>
    public static PrototypeNetwork Load(string checkpoint, Device device)
    {
        var weights = RunCheckpoint.Find(checkpoint);
        var recipe = weights.Recipe ?? throw new BadInputException($"{checkpoint} belongs to no pre-training run with a recipe.yaml: only such a run tells its prototypes");
        if (!recipe.Objective.Clusters)
            throw new BadInputException($"{checkpoint} was trained with objective.target={recipe.Objective.Target.ToString().ToLowerInvariant()}, which has no prototypes: name a run with mlp, dinoV1 or dinoV2");
        var target = RecipeTarget.Of(recipe, device);
        var model = new MaskedVideoModel(recipe, target.Width, recipe.Seed);
        var network = new PrototypeNetwork(recipe, device, target, model);
        try
        {
            WeightTransfer.Into(weights.Path, model, EncoderShape.Of(recipe), state => state.Tensors, _ => true);
            model.MoveTo(device);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The prototypes [N] of a clip's tubes, in the order time, row, column, and the cosines [N] of each tube with its own.</summary>
    /// <param name="clip">Drawn by this recipe.</param>
    public (int[] Prototypes, float[] Cosines) Assign(InspectedClip clip)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var shape = Recipe.Clip;
        var pixels = F.To(Tensor.From(clip.Pixels.Span, 1, shape.Frames, shape.Size, shape.Size, 3), device);
        var tubes = ClipTubes.Cut(pixels, shape.TubeFrames, shape.TubeSize); // [1, N, P]
        var targets = target.Of(pixels, tubes, F.Unsqueeze(F.Arange(tubes.Size(1), device: device), 0));
        var features = F.Reshape(model.Projection?.Forward(targets) ?? targets, tubes.Size(1), -1); // [N, D]
        var (cosines, nearest) = NearestNeighbours.Nearest(model.Prototypes!, features, 1); // [N, 1]
        return ([.. nearest.ToArray<long>().Select(n => (int)n)], cosines.ToArray<float>());
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        (target as IDisposable)?.Dispose();
        model.Dispose();
    }
}
