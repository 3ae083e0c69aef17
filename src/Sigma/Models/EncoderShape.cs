using Sigma.Recipes;

namespace Sigma.Models;

/// <summary>The sizes of an encoder and of the clips it reads.</summary>
/// <param name="Width">Channels of a token.</param>
/// <param name="Depth">Blocks.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Slices">Temporal slices of a clip.</param>
/// <param name="Rows">Rows and columns of tubes.</param>
/// <param name="TubeFrames">Frames of a tube.</param>
/// <param name="TubeSize">Height and width of a tube in pixels.</param>
/// <param name="LearnedPositions">Learned positions instead of the sine-cosine table.</param>
/// <param name="CheckpointActivations">Whether blocks compute their activations again in backward instead of keeping them.</param>
/// <param name="TableOf">Slices and rows of the clips that the table of positions belongs to; null for these.</param>
/// <param name="FinalNorm">Whether a norm ends the encoder, as pre-training has it; a classifier pools the tokens before its own.</param>
public sealed record EncoderShape(int Width, int Depth, int Heads, int Slices, int Rows, int TubeFrames, int TubeSize, bool LearnedPositions = false,
    bool CheckpointActivations = false, (int Slices, int Rows)? TableOf = null, bool FinalNorm = true)
{
    /// <summary>All tubes of a clip.</summary>
    public int Tubes => Slices * Rows * Rows;

    /// <summary>The encoder a recipe describes.</summary>
    public static EncoderShape Of(Recipe recipe) => new(
        recipe.Model.Width, recipe.Model.Depth, recipe.Model.Heads, recipe.Clip.Slices, recipe.Clip.Grid,
        recipe.Clip.TubeFrames, recipe.Clip.TubeSize, recipe.Model.Positions == PositionTable.Learned, recipe.Model.CheckpointActivations,
        Table(recipe.Model.PositionFrames, recipe.Model.PositionSize, recipe.Clip));

    /// <summary>The encoder a fine-tuning recipe describes.</summary>
    public static EncoderShape Of(FineTuneRecipe recipe)
    {
        var (model, clip) = (recipe.Model, recipe.Clip.Shape);
        return new(
            model.Width, model.Depth, model.Heads, clip.Slices, clip.Grid, clip.TubeFrames, clip.TubeSize,
            model.Positions == PositionTable.Learned, model.CheckpointActivations, Table(model.PositionFrames, model.PositionSize, clip));
    }

    private static (int Slices, int Rows)? Table(int? frames, int? size, ClipRecipe clip) => frames is null && size is null
        ? null
        : ((frames ?? clip.Frames) / clip.TubeFrames, (size ?? clip.Size) / clip.TubeSize);
}
