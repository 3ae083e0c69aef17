using Sigma.Checkpoints;
using Sigma.Checkpoints.Names;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// Weights that a pre-training run starts from instead of drawn ones: of another run, or published. The encoder must fit;
/// what follows it is taken where it fits. Positions are resampled where the weights were trained on clips of another size.
/// </summary>
public sealed class StartingWeights
{
    private const string EncoderPrefix = "encoder.";
    private const string LearnedPositions = "encoder.pos_embed";

    private readonly RunCheckpoint checkpoint;

    /// <summary>Finds the weights, and settles what clips their positions belong to.</summary>
    /// <param name="path">A run's folder, one of its checkpoints, or a file of weights of any known names.</param>
    /// <param name="recipe">Of the run that is to start.</param>
    /// <exception cref="BadInputException">There are no such weights.</exception>
    public StartingWeights(string path, Recipe recipe)
    {
        checkpoint = RunCheckpoint.Find(path);
        // Files from elsewhere do not say what clips they saw; published ones saw the defaults.
        var trained = checkpoint.Recipe ?? new Recipe();
        var (frames, size) = (trained.Model.PositionFrames ?? trained.Clip.Frames, trained.Model.PositionSize ?? trained.Clip.Size);
        Recipe = recipe with
        {
            Model = recipe.Model with
            {
                PositionFrames = recipe.Model.PositionFrames ?? (frames == recipe.Clip.Frames ? null : frames),
                PositionSize = recipe.Model.PositionSize ?? (size == recipe.Clip.Size ? null : size),
            },
        };
    }

    /// <summary>The run's recipe, with the clips that its table of positions belongs to.</summary>
    public Recipe Recipe { get; }

    /// <summary>Overwrites a model's initial weights.</summary>
    /// <returns>What was taken, in a sentence for the run's log.</returns>
    /// <exception cref="BadInputException">The file cannot be read, or its encoder does not fit.</exception>
    public string Into(MaskedVideoModel model)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        try
        {
            using var file = CheckpointFile.Open(checkpoint.Path);
            var published = PublishedState.Of(file);
            var stored = published.Names == NamingScheme.FineTuning ? PublishedNames.ToPretraining(published.Tensors).Tensors : published.Tensors;
            var own = model.Parameters().ToList();
            var fitting = new List<(Tensor Own, Tensor Value)>();
            var left = new List<string>();
            foreach (var (name, value) in own)
            {
                var found = stored.TryGetValue(name, out var tensor) ? Fitted(name, tensor.ToTensor(), value) : null;
                if (found is not null)
                    fitting.Add((value, found));
                else if (name.StartsWith(EncoderPrefix, StringComparison.Ordinal))
                    throw new BadInputException($"{file.Path} does not fit the recipe's encoder: {Difference(name, value, tensor)}; sizes are set by model.size, model.width, model.depth, clip.tubeFrames and clip.tubeSize");
                else
                    left.Add(name);
            }
            foreach (var (value, found) in fitting)
                F.Copy_(value, F.Reshape(found, value.Shape));
            return $"starting from {file.Path}: {fitting.Count} of {own.Count} tensors{Resampling()}"
                + (left.Count == 0 ? "" : $"; drawn anew: {string.Join(", ", left.Take(5))}{(left.Count > 5 ? ", …" : "")}");
        }
        catch (Exception failure) when (failure is CheckpointFormatException or CheckpointMismatchException or IOException)
        {
            throw new BadInputException($"--init cannot be read: {failure.Message}", failure);
        }
    }

    private Tensor? Fitted(string name, Tensor stored, Tensor own)
    {
        if (name == LearnedPositions)
        {
            var shape = EncoderShape.Of(Recipe);
            var (from, width) = (shape.TableOf ?? (shape.Slices, shape.Rows), (int)own.Size(-1));
            return stored.Elements == (long)from.Slices * from.Rows * from.Rows * width
                ? Positions.Resampled(F.Reshape(stored, -1, width), from, (shape.Slices, shape.Rows))
                : null;
        }
        return stored.Shape.AsSpan().SequenceEqual(own.Shape) ? stored : null;
    }

    private string Resampling() => Recipe.Model is { PositionFrames: null, PositionSize: null }
        ? ""
        : $", positions of clips of {Recipe.Model.PositionFrames ?? Recipe.Clip.Frames} frames of {Recipe.Model.PositionSize ?? Recipe.Clip.Size} pixels resampled to {Recipe.Clip.Frames} of {Recipe.Clip.Size}";

    private static string Difference(string name, Tensor own, StoredTensor? stored) => stored is null
        ? $"it has no {name}"
        : $"{name} is [{string.Join(", ", stored.Shape)}], wanted [{string.Join(", ", own.Shape)}]";
}
