namespace Sigma.Data.Sets;

/// <summary>A stretch of frames of a video.</summary>
/// <param name="First">Its first frame, from 0.</param>
/// <param name="Last">Its last frame, included.</param>
public sealed record FrameRange(int First, int Last);

/// <summary>One video, picture or sequence of a data set, as its annotation names it. Whether the file is there is another question.</summary>
/// <param name="Name">What the set calls it: unique within a split of an undamaged set.</param>
/// <param name="Path">The file; for a sequence the folder with its frames.</param>
public sealed record DataSetEntry(string Name, string Path)
{
    /// <summary>Its class, where every entry has one.</summary>
    public int? Label { get; init; }

    /// <summary>Its classes, where an entry may have several or none; rising, each once.</summary>
    public IReadOnlyList<int> Labels { get; init; } = [];

    /// <summary>How often what it shows is repeated within <see cref="Frames"/>.</summary>
    public int? Count { get; init; }

    /// <summary>The frames that the annotation is about; null for all.</summary>
    public FrameRange? Frames { get; init; }

    /// <summary>Of a sequence, the folder with its masks.</summary>
    public string? Masks { get; init; }

    /// <summary>Of a sequence, the names without endings of the frames that have masks, in order; null where the annotation does not tell.</summary>
    public IReadOnlyList<string>? Marked { get; init; }

    /// <summary>Of a picture that lies in one file with others, its number in <see cref="Path"/>.</summary>
    public int? Record { get; init; }
}
