using System.Globalization;
using System.Text;

namespace Sigma.Checkpoints;

/// <summary>A tensor that both sides have, in different shapes.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Wanted">The model's shape.</param>
/// <param name="Found">The checkpoint's shape.</param>
public sealed record ShapeDifference(string Name, long[] Wanted, long[] Found);

/// <summary>A checkpoint whose tensors are not the ones that were wanted. Carries every difference, not the first one.</summary>
public sealed class CheckpointMismatchException : Exception
{
    /// <summary>Lists the differences, one a line.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="missing">Names that were wanted and are not there.</param>
    /// <param name="unexpected">Names that are there and were not wanted.</param>
    /// <param name="shapeDifferences">Names on both sides with different shapes.</param>
    public CheckpointMismatchException(
        string path,
        IReadOnlyList<string> missing,
        IReadOnlyList<string> unexpected,
        IReadOnlyList<ShapeDifference> shapeDifferences)
        : base(Describe(path, missing, unexpected, shapeDifferences))
    {
        Path = path;
        Missing = missing;
        Unexpected = unexpected;
        ShapeDifferences = shapeDifferences;
    }

    /// <summary>The checkpoint.</summary>
    public string Path { get; }

    /// <summary>Names that were wanted and are not there.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Names that are there and were not wanted.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Names on both sides with different shapes.</summary>
    public IReadOnlyList<ShapeDifference> ShapeDifferences { get; }

    static string Describe(
        string path, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<ShapeDifference> shapes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{path} does not fit: {missing.Count} missing, {unexpected.Count} unexpected, {shapes.Count} of another shape.");
        foreach (var name in missing) text.Append("\n  missing     ").Append(name);
        foreach (var name in unexpected) text.Append("\n  unexpected  ").Append(name);
        foreach (var s in shapes)
            text.Append(CultureInfo.InvariantCulture,
                $"\n  shape       {s.Name}: wanted [{string.Join(", ", s.Wanted)}], found [{string.Join(", ", s.Found)}]");
        return text.ToString();
    }
}
