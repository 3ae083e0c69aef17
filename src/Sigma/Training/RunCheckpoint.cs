using Sigma.Recipes;

namespace Sigma.Training;

/// <summary>The weights a person names, and the recipe they were made by, where it is known.</summary>
/// <param name="Path">The file, or the folder with <c>model.safetensors</c> or <c>pytorch_model.bin</c>.</param>
/// <param name="Recipe">Of the pre-training run the weights belong to; null for others.</param>
/// <param name="FineTuning">Of the fine-tuning run the weights belong to; null for others.</param>
/// <param name="Folder">Of the run the weights belong to; null for weights from elsewhere.</param>
public sealed record RunCheckpoint(string Path, Recipe? Recipe, FineTuneRecipe? FineTuning = null, string? Folder = null)
{
    /// <summary>
    /// Frames and size in pixels of the clips that the weights' positions belong to. Files from elsewhere do not say;
    /// published ones saw the defaults.
    /// </summary>
    public (int Frames, int Size) PositionsOf
    {
        get
        {
            if (FineTuning is { } tuned)
                return (tuned.Model.PositionFrames ?? tuned.Clip.Frames, tuned.Model.PositionSize ?? tuned.Clip.Size);
            var trained = Recipe ?? new Recipe();
            return (trained.Model.PositionFrames ?? trained.Clip.Frames, trained.Model.PositionSize ?? trained.Clip.Size);
        }
    }

    /// <summary>Refuses weights that were trained with another number of attention heads: they do not tell, and would be read wrongly.</summary>
    /// <param name="heads">Of the encoder that is to take them.</param>
    /// <exception cref="BadInputException">The run they belong to had another number.</exception>
    public void RequireHeads(int heads)
    {
        if ((Recipe?.Model.Heads ?? FineTuning?.Model.Heads) is { } trained && trained != heads)
            throw new BadInputException(FormattableString.Invariant($"{Path} was trained with {trained} attention heads, but model.heads is {heads}: give --set model.heads={trained}, or the recipe of that model's size"));
    }

    /// <summary>
    /// Finds the weights behind a name: a run's folder (its best weights by validation where it has them, else its newest
    /// whole checkpoint), one of its checkpoints, or any file or folder that <see cref="Checkpoints.CheckpointFile"/> opens.
    /// </summary>
    /// <exception cref="BadInputException">There is nothing of that name, or the run has no checkpoint yet.</exception>
    /// <exception cref="RecipeException">The recipe beside the weights is broken.</exception>
    public static RunCheckpoint Find(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new BadInputException($"{path}: there is no such checkpoint; name a run's folder, one of its checkpoints, or a file of weights");
        var checkpoints = System.IO.Path.Combine(path, RunFolder.CheckpointsFolder);
        var best = System.IO.Path.Combine(path, BestWeights.Folder);
        var weights = File.Exists(System.IO.Path.Combine(best, CheckpointStore.ModelFile)) ? best
            : Directory.Exists(checkpoints) ? CheckpointStore.NewestIn(checkpoints) ?? throw new BadInputException($"{checkpoints} holds no whole checkpoint yet")
            : path;
        if (FolderAbove(weights) is not { } run)
            return new(weights, null);
        var recipe = System.IO.Path.Combine(run, RunFolder.RecipeFile);
        return FineTuneRecipe.IsAt(recipe)
            ? new(weights, null, FineTuneRecipe.Load(recipe), run)
            : new(weights, Recipe.Load(recipe), null, run);
    }

    /// <summary>The folder of the run, which holds its recipe: at most three above <c>checkpoints/step-000123/model.safetensors</c>.</summary>
    private static string? FolderAbove(string path)
    {
        var folder = new DirectoryInfo(System.IO.Path.GetFullPath(path));
        for (var i = 0; i < 4 && folder is not null; i++, folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, RunFolder.RecipeFile)))
                return folder.FullName;
        }
        return null;
    }
}
