namespace Sigma.Masking;

/// <summary>How many tubes a clip is cut into: temporal slices of rows × columns cells, in the order time, row, column.</summary>
/// <param name="Slices">slices in time (8 for 16 frames in tubes of 2)</param>
/// <param name="Rows">cells from top to bottom (14 for 224 pixels in tubes of 16)</param>
/// <param name="Columns">cells from left to right</param>
public readonly record struct TubeGrid(int Slices, int Rows, int Columns)
{
    /// <summary>Cells of a slice.</summary>
    public int CellsPerSlice => Rows * Columns;

    /// <summary>Tubes N of the clip.</summary>
    public int Tubes => Slices * CellsPerSlice;
}
