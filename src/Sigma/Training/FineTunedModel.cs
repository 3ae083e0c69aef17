using Sigma.Checkpoints;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>A classifier that somebody fine-tuned, with what its weights do not tell.</summary>
public sealed class FineTunedModel : IDisposable
{
    private const int MostClasses = 1_000_000;

    private FineTunedModel(VideoClassifier model, FineTuneRecipe recipe, IReadOnlyList<string>? classes, string file) =>
        (Model, Recipe, Classes, File) = (model, recipe, classes, file);

    /// <summary>The classifier.</summary>
    public VideoClassifier Model { get; }

    /// <summary>How it was trained, or the recipe that was given.</summary>
    public FineTuneRecipe Recipe { get; }

    /// <summary>The classes' names in the order of its scores; null where the run that made it is not known.</summary>
    public IReadOnlyList<string>? Classes { get; }

    /// <summary>The file with the weights.</summary>
    public string File { get; }

    /// <summary>Opens a classifier.</summary>
    /// <param name="path">A fine-tuning run's folder (its best weights), one of its checkpoints, or a file of weights.</param>
    /// <param name="given">The recipe of weights from elsewhere; null to take the one beside the weights.</param>
    /// <exception cref="BadInputException">There is none, it is no classifier, or the recipe is not known.</exception>
    public static FineTunedModel Open(string path, FineTuneRecipe? given)
    {
        var checkpoint = RunCheckpoint.Find(path);
        var classes = ClassesOf(checkpoint.Path, out var file);
        var recipe = given ?? checkpoint.FineTuning ?? throw new BadInputException(
            $"{path} does not tell its attention heads, frames and sampling: give the recipe it was fine-tuned by with --recipe, such as finetune-vitb-ssv2");
        var model = new VideoClassifier(EncoderShape.Of(recipe), classes, recipe.Seed);
        try
        {
            WeightTransfer.Into(checkpoint.Path, model, model.Shape, state => state.Tensors, _ => true);
            var names = checkpoint.Folder is { } folder && Path.Combine(folder, RunFolder.ClassesFile) is var list && System.IO.File.Exists(list)
                ? System.IO.File.ReadAllLines(list) : null;
            return new(model, recipe, names, file);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Frees the classifier.</summary>
    public void Dispose() => Model.Dispose();

    private static int ClassesOf(string path, out string file)
    {
        try
        {
            using var stored = CheckpointFile.Open(path);
            file = stored.Path;
            var state = PublishedState.Of(stored);
            return state.Tensors.TryGetValue("head.weight", out var head) && state.Tensors.ContainsKey("fc_norm.weight") && head.Shape is [> 0 and <= MostClasses, > 0]
                ? (int)head.Shape[0]
                : throw new BadInputException($"{path} is no classifier: it has no fc_norm and head, which sigma finetune trains");
        }
        catch (Exception failure) when (failure is CheckpointFormatException or StateMismatchException or IOException)
        {
            throw new BadInputException(failure is IOException ? $"{path} cannot be read: {failure.Message}" : failure.Message, failure);
        }
    }
}
