namespace Sigma.Recipes;

/// <summary>Which tubes are hidden from the encoder.</summary>
public enum MaskKind
{
    /// <summary>One random set of cells, the same in all slices. SIGMA's and VideoMAE's.</summary>
    Tube,

    /// <summary>Another random set of cells in each slice. MGM's baseline.</summary>
    Random,

    /// <summary>Whole random slices. MGM's baseline.</summary>
    Frame,

    /// <summary>A box that wanders from slice to slice (SMM).</summary>
    SimulatedMotion,

    /// <summary>A box around the highest motion of each slice, read from the codec's motion vectors (MGM).</summary>
    MotionGuided,
}

/// <summary>Where a motion-guided box is put.</summary>
public enum BoxPlacement
{
    /// <summary>Centred on the peak of the smoothed motion.</summary>
    Peak,

    /// <summary>Where the box holds the largest total motion.</summary>
    Total,
}

/// <summary>The mask of a recipe (<c>mask:</c>).</summary>
public sealed record MaskRecipe
{
    /// <summary>Which tubes are hidden. Default and published for SIGMA and VideoMAE: tube.</summary>
    public MaskKind Kind { get; init; } = MaskKind.Tube;

    /// <summary>Share of the tubes that is hidden. Default: 0.9. Published: 0.9; 0.75 with motion-guided masks.</summary>
    public double Ratio { get; init; } = 0.9;

    /// <summary>Motion-guided: subtract the median vector of each frame, which removes camera pans. Default: false.</summary>
    public bool SubtractMedian { get; init; }

    /// <summary>Motion-guided: where the box is put. Default: peak.</summary>
    public BoxPlacement Placement { get; init; } = BoxPlacement.Peak;

    /// <summary>Cells hidden in each slice by every kind but <c>frame</c>: int(ratio × cells), 176 of 196 at 0.9.</summary>
    public int HiddenPerSlice(int cellsPerSlice) => (int)(Ratio * cellsPerSlice);

    /// <summary>Slices hidden by <c>frame</c>: round(ratio × slices), at least one left visible.</summary>
    public int HiddenSlices(int slices) => Math.Min((int)Math.Round(Ratio * slices), slices - 1);

    /// <summary>Tubes M of a clip that this mask hides: 1408 of 1568 as published.</summary>
    public int HiddenTubes(ClipRecipe clip) => Kind == MaskKind.Frame
        ? HiddenSlices(clip.Slices) * clip.CellsPerSlice
        : HiddenPerSlice(clip.CellsPerSlice) * clip.Slices;

    internal bool Check(Findings findings)
    {
        var sound = Ratio is > 0 and < 1;
        findings.When(
            !sound,
            $"is {Findings.Text(Ratio)}, but must be greater than 0 and less than 1: "
            + "a mask hides something and leaves something to see (published: 0.9)",
            "mask.ratio");
        return sound;
    }

    // A ratio below 1 always leaves something visible: int() rounds down, and frame keeps a slice.
    internal void CheckAgainst(ClipRecipe clip, Findings findings)
    {
        findings.When(
            Kind == MaskKind.Frame && HiddenSlices(clip.Slices) < 1,
            $"is {Findings.Text(Ratio)}, which hides none of the {clip.Slices} slices of a clip: "
            + "round(ratio × slices), with one left visible, must be at least 1",
            "mask.ratio", "mask.kind", "clip.frames", "clip.tubeFrames");
        findings.When(
            Kind != MaskKind.Frame && HiddenPerSlice(clip.CellsPerSlice) < 1,
            $"is {Findings.Text(Ratio)}, which hides none of the {clip.CellsPerSlice} cells of a slice: "
            + "int(ratio × cells) must be at least 1",
            "mask.ratio", "clip.size", "clip.tubeSize");
    }
}
