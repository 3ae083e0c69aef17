using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sigma.Data;

/// <summary>The rows of a <see cref="Manifest"/> while they are gathered, and the classes their labels make.</summary>
internal sealed class VideoRows
{
    /// <summary>Published sets have up to a few thousand classes; a larger number is a column taken for another.</summary>
    private const int LargestLabel = 999_999;

    private readonly Dictionary<string, int> names = [];
    private readonly List<int> nameOfRow = [];
    private readonly List<int> lines = [];
    private readonly ArrayBufferWriter<byte> paths = new();

    /// <summary>All paths as UTF-8, one after the other.</summary>
    public ReadOnlySpan<byte> Paths => paths.WrittenSpan;

    /// <summary>Where in <see cref="Paths"/> each one ends.</summary>
    public List<int> Ends { get; } = [];

    /// <summary>Index of each row's class; null without labels.</summary>
    public int[]? Labels { get; private set; }

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Classes { get; private set; } = [];

    /// <summary>Adds a row.</summary>
    /// <param name="path">relative to the manifest, or absolute</param>
    /// <param name="label">null without labels, and then for every row</param>
    /// <param name="line">where it is said, for messages</param>
    public void Add(string path, string? label = null, int line = 0)
    {
        Encoding.UTF8.GetBytes(path, paths);
        Ends.Add(paths.WrittenCount);
        if (label is null)
            return;
        if (!names.TryGetValue(label, out var name))
            names.Add(label, name = names.Count);
        nameOfRow.Add(name);
        lines.Add(line);
    }

    /// <summary>Turns the labels' names into numbers: those of <paramref name="classes"/>, else of the names that occur.</summary>
    public void ResolveLabels(IReadOnlyList<string>? classes, List<ManifestProblem> problems)
    {
        var numbers = names.Keys.Select(Number).ToArray(); // in the order of the names' indices
        var allNumbers = Array.TrueForAll(numbers, number => number is not null);
        if (allNumbers && numbers.Max() > LargestLabel)
        {
            var row = nameOfRow.FindIndex(name => numbers[name] > LargestLabel);
            problems.Add(new(lines[row], $"the label {numbers.Max()} is no class: labels count from 0, and end before {LargestLabel + 1}"));
            return;
        }
        Classes = classes ?? (allNumbers
            ? [.. Enumerable.Range(0, numbers.Max()!.Value + 1).Select(number => number.ToString(CultureInfo.InvariantCulture))]
            : [.. names.Keys.Order(StringComparer.Ordinal)]);

        var indices = Classes.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index);
        var resolved = names.Keys
            // By its number a label is written in more ways than one; by its name, a class may look like a number.
            .Select((name, i) => indices.TryGetValue(name, out var index) || (allNumbers && indices.TryGetValue($"{numbers[i]}", out index)) ? index : -1)
            .ToArray();
        foreach (var (name, index) in names)
        {
            if (resolved[index] < 0)
                problems.Add(new(LineOf(index), $"the label {name} is none of the {Classes.Count} classes of the training set ({Some(Classes)})"));
        }
        Labels = [.. nameOfRow.Select(name => resolved[name])];
    }

    private int? LineOf(int name) => lines[nameOfRow.IndexOf(name)] is > 0 and var line ? line : null;

    private static int? Number(string label) =>
        int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(5)) + (names.Count > 5 ? ", …" : "");
}
