namespace Sigma.Torch;

/// <summary>Stored values do not fit a module: the full list of what is missing, unexpected, or of another shape.</summary>
public sealed class StateMismatchException : Exception
{
    private StateMismatchException(IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> shapes)
        : base(Describe(missing, unexpected, shapes))
    {
        Missing = missing;
        Unexpected = unexpected;
        ShapeDifferences = shapes;
    }

    /// <summary>Names the module has and the stored values lack.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Names the stored values have and the module lacks.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Names with both shapes, where they differ.</summary>
    public IReadOnlyList<string> ShapeDifferences { get; }

    /// <summary>Compares names and shapes, and throws unless they are the same.</summary>
    public static void ThrowIfAny(IReadOnlyDictionary<string, long[]> wanted, IReadOnlyDictionary<string, long[]> stored)
    {
        string[] missing = [.. wanted.Keys.Where(name => !stored.ContainsKey(name))];
        string[] unexpected = [.. stored.Keys.Where(name => !wanted.ContainsKey(name))];
        string[] shapes = [.. wanted
            .Where(p => stored.TryGetValue(p.Key, out var shape) && !shape.AsSpan().SequenceEqual(p.Value))
            .Select(p => $"{p.Key}: the model has [{string.Join(", ", p.Value)}], the file [{string.Join(", ", stored[p.Key])}]")];
        if (missing.Length + unexpected.Length + shapes.Length > 0)
            throw new StateMismatchException(missing, unexpected, shapes);
    }

    private static string Describe(IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> shapes) =>
        "the stored values are not those of this model" +
        Lines("missing", missing) + Lines("unexpected", unexpected) + Lines("of another shape", shapes);

    private static string Lines(string title, IReadOnlyList<string> items) =>
        items.Count == 0 ? "" : $"\n  {title} ({items.Count}): {string.Join("; ", items)}";
}
