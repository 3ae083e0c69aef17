using Sigma.Recipes;

namespace Sigma.Masking;

/// <summary>Which tubes of a clip are hidden from the encoder. Unchanging once drawn.</summary>
public sealed class Mask
{
    private readonly bool[] cells;

    internal Mask(TubeGrid grid, MaskKind kind, bool[] cells, MaskBox[]? boxes = null)
    {
        Grid = grid;
        Kind = kind;
        Boxes = boxes;
        this.cells = cells;
        HiddenCount = cells.AsSpan().Count(true);
    }

    /// <summary>The tubes of the clip.</summary>
    public TubeGrid Grid { get; }

    /// <summary>
    /// How the mask was made: simulated motion where a motion-guided mask was wanted but nothing moved in the clip.
    /// </summary>
    public MaskKind Kind { get; }

    /// <summary>The box each slice's hidden cells were gathered around; null for the kinds without a box.</summary>
    public IReadOnlyList<MaskBox>? Boxes { get; }

    /// <summary>Number of hidden tubes M.</summary>
    public int HiddenCount { get; }

    /// <summary>[N], true = hidden, in the order time, row, column.</summary>
    public ReadOnlySpan<bool> Cells => cells;

    /// <summary>True where the tube is hidden.</summary>
    /// <exception cref="IndexOutOfRangeException">no such slice</exception>
    public bool this[int slice, int row, int column] => cells[slice * Grid.CellsPerSlice + row * Grid.Columns + column];

    /// <summary>[rows × columns] of one slice, true = hidden.</summary>
    /// <exception cref="ArgumentOutOfRangeException">no such slice</exception>
    public ReadOnlySpan<bool> Slice(int slice) => cells.AsSpan(slice * Grid.CellsPerSlice, Grid.CellsPerSlice);

    /// <summary>[M], the hidden tubes in rising order.</summary>
    public int[] HiddenTubes() => Tubes(hidden: true, HiddenCount);

    /// <summary>[N − M], the visible tubes in rising order.</summary>
    public int[] VisibleTubes() => Tubes(hidden: false, Grid.Tubes - HiddenCount);

    private int[] Tubes(bool hidden, int count)
    {
        var tubes = new int[count];
        var next = 0;
        for (var i = 0; i < cells.Length; i++)
            if (cells[i] == hidden)
                tubes[next++] = i;
        return tubes;
    }
}
