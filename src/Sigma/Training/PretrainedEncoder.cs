using Sigma.Checkpoints.Names;
using Sigma.Models;
using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>
/// The pre-trained encoder that fine-tuning starts from. The whole encoder must fit; its own norm, the decoder and what else
/// pre-training needed stay behind, and the classifier's norm and head are new. Positions are resampled where the weights
/// were trained on clips of another size.
/// </summary>
public sealed class PretrainedEncoder
{
    private readonly RunCheckpoint checkpoint;

    /// <summary>Finds the weights, and settles what clips their positions belong to.</summary>
    /// <param name="path">A run's folder, one of its checkpoints, or a file of weights of any known names.</param>
    /// <param name="recipe">Of the run that is to start.</param>
    /// <exception cref="BadInputException">There are no such weights, or they were trained with other attention heads.</exception>
    public PretrainedEncoder(string path, FineTuneRecipe recipe)
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
    public FineTuneRecipe Recipe { get; }

    /// <summary>Overwrites a classifier's encoder.</summary>
    /// <returns>What was taken, in a sentence for the run's log.</returns>
    /// <exception cref="BadInputException">The file cannot be read, or its encoder does not fit.</exception>
    public string Into(VideoClassifier model)
    {
        var (file, taken, _) = WeightTransfer.Into(
            checkpoint.Path, model, model.Shape,
            // A classifier's norm and head were made for its own classes.
            state => (state.Names == NamingScheme.Pretraining ? PublishedNames.ToFineTuning(state.Tensors).Tensors : state.Tensors)
                .Where(t => IsEncoder(t.Key)).ToDictionary(),
            IsEncoder);
        var resampled = Recipe.Model is { PositionFrames: null, PositionSize: null }
            ? "" : ", positions resampled to this recipe's clips";
        return $"the encoder starts from {file}: {taken} tensors{resampled}; fc_norm and head are new";
    }

    private static bool IsEncoder(string name) => name.Split('.')[0] is "patch_embed" or "blocks" or "pos_embed";
}
