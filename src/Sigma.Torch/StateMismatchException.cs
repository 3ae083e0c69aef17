using System.Globalization;
using System.Text;

namespace Sigma.Torch;

/// <summary>A tensor that both sides have, in different shapes.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Wanted">The shape that was wanted.</param>
/// <param name="Found">The stored shape.</param>
public sealed record ShapeDifference(string Name, long[] Wanted, long[] Found);

/// <summary>Stored tensors are not the ones that were wanted. Carries every difference, not the first one.</summary>
public sealed class StateMismatchException : Exception
{
    /// <summary>Lists the differences, one a line.</summary>
    /// <param name="source">What holds the stored tensors: a file, or words for it.</param>
    /// <param name="missing">Names that were wanted and are not there.</param>
    /// <param name="unexpected">Names that are there and were not wanted.</param>
    /// <param name="shapeDifferences">Names on both sides with different shapes.</param>
    public StateMismatchException(
        string source, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<ShapeDifference> shapeDifferences)
        : base(Describe(source, missing, unexpected, shapeDifferences)) =>
        (Missing, Unexpected, ShapeDifferences) = (missing, unexpected, shapeDifferences);

    /// <summary>Names that were wanted and are not there.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Names that are there and were not wanted.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Names on both sides with different shapes.</summary>
    public IReadOnlyList<ShapeDifference> ShapeDifferences { get; }

    /// <summary>Compares names and shapes, and throws unless they are the same.</summary>
    /// <param name="source">What holds the stored tensors, for the message.</param>
    /// <param name="wanted">Names and shapes that are wanted.</param>
    /// <param name="stored">Names and shapes that are there.</param>
    public static void ThrowIfAny(string source, IReadOnlyDictionary<string, long[]> wanted, IReadOnlyDictionary<string, long[]> stored)
    {
        string[] missing = [.. wanted.Keys.Where(name => !stored.ContainsKey(name))];
        string[] unexpected = [.. stored.Keys.Where(name => !wanted.ContainsKey(name))];
        ShapeDifference[] shapes = [.. wanted
            .Where(p => stored.TryGetValue(p.Key, out var shape) && !shape.AsSpan().SequenceEqual(p.Value))
            .Select(p => new ShapeDifference(p.Key, p.Value, stored[p.Key]))];
        if (missing.Length + unexpected.Length + shapes.Length > 0)
            throw new StateMismatchException(source, missing, unexpected, shapes);
    }

    private static string Describe(
        string source, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<ShapeDifference> shapes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{source} does not fit: {missing.Count} missing, {unexpected.Count} unexpected, {shapes.Count} of another shape.");
        foreach (var name in missing)
            text.Append("\n  missing     ").Append(name);
        foreach (var name in unexpected)
            text.Append("\n  unexpected  ").Append(name);
        foreach (var (name, wanted, found) in shapes)
            text.Append(CultureInfo.InvariantCulture, $"\n  shape       {name}: wanted [{string.Join(", ", wanted)}], found [{string.Join(", ", found)}]");
        return text.ToString();
    }
}
