using Sigma.Masking;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary>What <c>sigma inspect masks --json</c> writes.</summary>
/// <param name="Video">The file.</param>
/// <param name="Codec">Its codec.</param>
/// <param name="Mask">The kind of mask drawn.</param>
/// <param name="Asked">The kind asked for.</param>
/// <param name="Ratio">Share of the tubes that is hidden.</param>
/// <param name="Seed">What the clip and the mask were drawn from.</param>
/// <param name="Frames">[T], frames of the video, from 0.</param>
/// <param name="Size">Height and width of the clip in pixels.</param>
/// <param name="Vectors"><c>codec</c> or <c>block-matching</c>.</param>
/// <param name="Grid">Slices, rows and columns of the clip, in tubes.</param>
/// <param name="Slices">The mask of each slice.</param>
/// <param name="Motion">[slices, rows, columns], pixels per frame added over the frames of a tube.</param>
internal sealed record MaskFacts(
    string Video, string Codec, string Mask, string Asked, double Ratio, long Seed, IReadOnlyList<int> Frames, int Size, string Vectors,
    int[] Grid, IReadOnlyList<MaskFacts.Slice> Slices, float[][][] Motion)
{
    /// <param name="Hidden">Indices of the hidden cells in the slice, row by row, rising.</param>
    /// <param name="Box">The box the hidden cells are gathered around; null where the mask has none.</param>
    internal sealed record Slice(int[] Hidden, Rectangle? Box);

    /// <summary>A rectangle of cells.</summary>
    /// <param name="Y">Topmost row.</param>
    /// <param name="X">Leftmost column.</param>
    /// <param name="H">Rows.</param>
    /// <param name="W">Columns.</param>
    internal sealed record Rectangle(int Y, int X, int H, int W);

    public static MaskFacts Of(InspectedClip clip, Recipe recipe)
    {
        var (mask, grid) = (clip.Mask, clip.Mask.Grid);
        return new(
            clip.Video.Path, clip.Video.Codec, InspectMasksCommand.Name(mask.Kind), InspectMasksCommand.Name(recipe.Mask.Kind),
            recipe.Mask.Ratio, recipe.Seed, clip.Frames, clip.Clip.Size, clip.FromBlockMatching ? "block-matching" : "codec",
            [grid.Slices, grid.Rows, grid.Columns],
            [.. Enumerable.Range(0, grid.Slices).Select(slice => new Slice(HiddenCells(mask, slice), BoxOf(mask, slice)))],
            [.. Enumerable.Range(0, grid.Slices).Select(slice => clip.Motion.Slice(slice).ToArray().Chunk(grid.Columns).ToArray())]);
    }

    private static int[] HiddenCells(Mask mask, int slice) =>
        [.. Enumerable.Range(0, mask.Grid.CellsPerSlice).Where(cell => mask[slice, cell / mask.Grid.Columns, cell % mask.Grid.Columns])];

    private static Rectangle? BoxOf(Mask mask, int slice) =>
        mask.Boxes is { } boxes ? new(boxes[slice].Row, boxes[slice].Column, boxes[slice].Height, boxes[slice].Width) : null;
}
