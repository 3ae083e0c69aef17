using Sigma.Checkpoints.Names;
using Sigma.Models;
using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>
/// Weights that a pre-training run starts from instead of drawn ones: of another run, or published. The encoder must fit;
/// what follows it is taken where it fits. Positions are resampled where the weights were trained on clips of another size.
/// </summary>
public sealed class StartingWeights
{
    private const string EncoderPrefix = "encoder.";

    private readonly RunCheckpoint checkpoint;

    /// <summary>Finds the weights, and settles what clips their positions belong to.</summary>
    /// <param name="path">A run's folder, one of its checkpoints, or a file of weights of any known names.</param>
    /// <param name="recipe">Of the run that is to start.</param>
    /// <exception cref="BadInputException">There are no such weights, or they were trained with other attention heads.</exception>
    public StartingWeights(string path, Recipe recipe)
    {
        checkpoint = RunCheckpoint.Find(path);
        checkpoint.RequireHeads(recipe.Model.Heads);
        var (frames, size) = checkpoint.PositionsOf;
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
        var (file, taken, left) = WeightTransfer.Into(
            checkpoint.Path, model, EncoderShape.Of(Recipe),
            state => state.Names == NamingScheme.FineTuning ? PublishedNames.ToPretraining(state.Tensors).Tensors : state.Tensors,
            name => name.StartsWith(EncoderPrefix, StringComparison.Ordinal));
        return $"starting from {file}: {taken} of {taken + left.Count} tensors{Resampling()}"
            + (left.Count == 0 ? "" : $"; drawn anew: {string.Join(", ", left.Take(5))}{(left.Count > 5 ? ", …" : "")}");
    }

    private string Resampling() => Recipe.Model is { PositionFrames: null, PositionSize: null }
        ? ""
        : $", positions of clips of {Recipe.Model.PositionFrames ?? Recipe.Clip.Frames} frames of {Recipe.Model.PositionSize ?? Recipe.Clip.Size} pixels resampled to {Recipe.Clip.Frames} of {Recipe.Clip.Size}";
}
