namespace Sigma.Training.Report;

/// <summary>What a run did, as <see cref="HtmlReport"/> shows it. An empty list leaves its section out.</summary>
public sealed record RunReport
{
    /// <summary>The heading of the page.</summary>
    public required string Title { get; init; }

    /// <summary>One paragraph: what was done and what came of it.</summary>
    public required string Summary { get; init; }

    /// <summary>Names and values of the run: its recipe, seed, machine, time.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>The results.</summary>
    public IReadOnlyList<ReportTable> Tables { get; init; } = [];

    /// <summary>Figures over the steps of the run.</summary>
    public IReadOnlyList<ReportCurve> Curves { get; init; } = [];

    /// <summary>Clips with their masks.</summary>
    public IReadOnlyList<ReportClip> Clips { get; init; } = [];

    /// <summary>Clips with those whose features are nearest.</summary>
    public IReadOnlyList<ReportNeighbours> Neighbours { get; init; } = [];
}

/// <summary>A table of results.</summary>
/// <param name="Title">What the table tells.</param>
/// <param name="Header">The names of its columns.</param>
/// <param name="Rows">Its cells, the first of each row naming it. A short row ends in empty cells.</param>
/// <param name="Note">How to read it, shown below.</param>
public sealed record ReportTable(string Title, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows, string? Note = null);

/// <summary>A figure over the steps of a run.</summary>
/// <param name="Title">What is measured.</param>
/// <param name="Unit">Its unit, shown after the title; empty where there is none.</param>
/// <param name="Points">Step and value, in any order. Values that are not finite are counted and marked, not drawn.</param>
/// <param name="Reference">A level to compare with (ln K, the loss of scores that tell no prototype from another).</param>
/// <param name="ReferenceName">The name of that level.</param>
public sealed record ReportCurve(
    string Title, string Unit, IReadOnlyList<(double Step, double Value)> Points, double? Reference = null, string? ReferenceName = null);

/// <summary>A clip, and which of its tubes are hidden from the encoder.</summary>
/// <param name="Caption">What is seen.</param>
/// <param name="Frames">Frames T.</param>
/// <param name="Width">Pixels W.</param>
/// <param name="Height">Pixels H.</param>
/// <param name="Rgb">[T, H, W, 3].</param>
/// <param name="Hidden">[T / TubeFrames × H / TubeSize × W / TubeSize], true where a tube is hidden; null where none is.</param>
/// <param name="TubeFrames">Frames of a tube; not looked at where nothing is hidden.</param>
/// <param name="TubeSize">Pixels of a tube's side; not looked at where nothing is hidden.</param>
public sealed record ReportClip(
    string Caption, int Frames, int Width, int Height, byte[] Rgb, bool[]? Hidden, int TubeFrames, int TubeSize);

/// <summary>A clip and the clips whose features are nearest to its own.</summary>
/// <param name="Query">The clip asked about.</param>
/// <param name="QueryClass">Its class.</param>
/// <param name="Nearest">The nearest, nearest first, with their classes and cosine similarities.</param>
public sealed record ReportNeighbours(
    ReportClip Query, string QueryClass, IReadOnlyList<(ReportClip Clip, string Class, double Similarity)> Nearest);
