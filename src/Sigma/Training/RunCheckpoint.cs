using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>The weights a person names, and the recipe they were made by, where it is known.</summary>
/// <param name="Path">The file, or the folder with <c>model.safetensors</c> or <c>pytorch_model.bin</c>.</param>
/// <param name="Recipe">Of the run the weights belong to; null for weights from elsewhere.</param>
public sealed record RunCheckpoint(string Path, Recipe? Recipe)
{
    private const string CheckpointsFolder = "checkpoints";
    private const string RecipeFile = "recipe.yaml";

    /// <summary>
    /// Finds the weights behind a name: a run's folder (its newest whole checkpoint), one of its checkpoints, or any file
    /// or folder that <see cref="Checkpoints.CheckpointFile"/> opens.
    /// </summary>
    /// <exception cref="BadInputException">There is nothing of that name, or the run has no checkpoint yet.</exception>
    /// <exception cref="RecipeException">The recipe beside the weights is broken.</exception>
    public static RunCheckpoint Find(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new BadInputException($"{path}: there is no such checkpoint; name a run's folder, one of its checkpoints, or a file of weights");
        var checkpoints = System.IO.Path.Combine(path, CheckpointsFolder);
        var weights = Directory.Exists(checkpoints)
            ? CheckpointStore.NewestIn(checkpoints) ?? throw new BadInputException($"{checkpoints} holds no whole checkpoint yet")
            : path;
        return new(weights, RecipeAbove(weights));
    }

    /// <summary>The recipe in the folder of the run: at most three above <c>checkpoints/step-000123/model.safetensors</c>.</summary>
    private static Recipe? RecipeAbove(string path)
    {
        var folder = new DirectoryInfo(System.IO.Path.GetFullPath(path));
        for (var i = 0; i < 4 && folder is not null; i++, folder = folder.Parent)
        {
            var recipe = System.IO.Path.Combine(folder.FullName, RecipeFile);
            if (File.Exists(recipe))
                return Recipe.Load(recipe);
        }
        return null;
    }
}
