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
public sealed record EncoderShape(int Width, int Depth, int Heads, int Slices, int Rows, int TubeFrames, int TubeSize, bool LearnedPositions = false,
    bool CheckpointActivations = false, (int Slices, int Rows)? TableOf = null)
{
    /// <summary>All tubes of a clip.</summary>
    public int Tubes => Slices * Rows * Rows;

    /// <summary>Numbers of one tube.</summary>
    public int TubeNumbers => TubeFrames * TubeSize * TubeSize * 3;

    /// <summary>The encoder a recipe describes.</summary>
    public static EncoderShape Of(Recipe recipe) => new(
        recipe.Model.Width, recipe.Model.Depth, recipe.Model.Heads, recipe.Clip.Slices, recipe.Clip.Grid,
        recipe.Clip.TubeFrames, recipe.Clip.TubeSize, recipe.Model.Positions == PositionTable.Learned, recipe.Model.CheckpointActivations, Table(recipe));

    private static (int Slices, int Rows)? Table(Recipe recipe) => recipe.Model is { PositionFrames: null, PositionSize: null }
        ? null
        : ((recipe.Model.PositionFrames ?? recipe.Clip.Frames) / recipe.Clip.TubeFrames, (recipe.Model.PositionSize ?? recipe.Clip.Size) / recipe.Clip.TubeSize);
}
