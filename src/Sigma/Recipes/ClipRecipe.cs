namespace Sigma.Recipes;

/// <summary>How a frame is cut to the square the network sees.</summary>
public enum CropKind
{
    /// <summary>
    /// A crop of 1, 0.875, 0.75 or 0.66 of the short side at a fixed corner or the centre (as in TSN), then resized. Published.
    /// </summary>
    MultiScale,

    /// <summary>The whole frame, resized.</summary>
    Resize,
}

/// <summary>What is read from a video and how it is cut into tubes (<c>clip:</c>).</summary>
public sealed record ClipRecipe
{
    private const int MostTubes = 1_000_000;

    /// <summary>Frames T of a clip. Default and published: 16.</summary>
    public int Frames { get; init; } = 16;

    /// <summary>Distance between two frames of the clip, in frames of the video. Default: 4. Published: 4 on K400, 2 on SSv2.</summary>
    public int Stride { get; init; } = 4;

    /// <summary>Height and width of a clip, in pixels. Default and published: 224.</summary>
    public int Size { get; init; } = 224;

    /// <summary>Frames of a tube. Default and published: 2.</summary>
    public int TubeFrames { get; init; } = 2;

    /// <summary>Height and width of a tube, in pixels. Default and published: 16.</summary>
    public int TubeSize { get; init; } = 16;

    /// <summary>How a frame is cut to the clip's square. Default and published: multi-scale.</summary>
    public CropKind Crop { get; init; } = CropKind.MultiScale;

    /// <summary>
    /// Places where a clip may begin, spread evenly over those where all of it fits: 1 is the middle. Default and published:
    /// null, any frame.
    /// </summary>
    public int? Starts { get; init; }

    /// <summary>Mirror a clip left to right half the time. Default and published: false (SSv2's labels know left from right).</summary>
    public bool Flip { get; init; }

    /// <summary>Probability that a clip is turned grey. Default and published: 0.</summary>
    public double GreyScale { get; init; }

    /// <summary>Clips drawn from one decoded video, each with its own crop and mask. Default and published: 1.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Temporal slices of a clip: frames / tube frames (8 as published).</summary>
    public int Slices => Frames / TubeFrames;

    /// <summary>Cells along one side of a slice: size / tube size (14 as published).</summary>
    public int Grid => Size / TubeSize;

    /// <summary>Cells of a slice: grid × grid (196 as published).</summary>
    public int CellsPerSlice => Grid * Grid;

    /// <summary>Tubes N of a clip: slices × cells (1568 as published), in the order time, row, column.</summary>
    public int Tubes => Slices * CellsPerSlice;

    /// <summary>Numbers in a tube: 3 colours × tube frames × tube size² (1536 as published).</summary>
    public int TubeValues => 3 * TubeFrames * TubeSize * TubeSize;

    internal bool Check(Findings findings)
    {
        var before = findings.All.Count;
        findings.Between("clip.frames", Frames, 1, 1024);
        findings.Between("clip.stride", Stride, 1, 1024);
        findings.Between("clip.size", Size, 1, 4096);
        findings.Between("clip.tubeFrames", TubeFrames, 1, 1024);
        findings.Between("clip.tubeSize", TubeSize, 1, 4096);
        findings.When(Starts is < 1 or > 1024, $"is {Starts}, but must lie between 1 and 1024 (or null for any frame)", "clip.starts");
        findings.Between("clip.greyScale", GreyScale, 0, 1);
        findings.Between("clip.repeats", Repeats, 1, 1024);
        findings.When(
            TubeFrames > 0 && Frames % TubeFrames != 0,
            $"is {Frames}, which clip.tubeFrames ({TubeFrames}) does not divide: a clip is cut into whole tubes",
            "clip.frames", "clip.tubeFrames");
        findings.When(
            TubeSize > 0 && Size % TubeSize != 0,
            $"is {Size}, which clip.tubeSize ({TubeSize}) does not divide: a clip is cut into whole tubes",
            "clip.size", "clip.tubeSize");
        if (Frames is < 1 or > 1024 || Size is < 1 or > 4096 || TubeFrames < 1 || TubeSize < 1)
            return false;
        var tubes = (long)(Frames / TubeFrames) * (Size / TubeSize) * (Size / TubeSize);
        findings.When(
            tubes > MostTubes,
            $"gives {tubes} tubes a clip with this clip.frames, clip.tubeFrames and clip.tubeSize, but attention over more than "
            + $"{MostTubes} is out of reach (published: 1568)",
            "clip.size", "clip.frames", "clip.tubeSize", "clip.tubeFrames");
        return findings.All.Count == before;
    }
}
