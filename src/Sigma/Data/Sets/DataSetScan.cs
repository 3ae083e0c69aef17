using Sigma.Media;

namespace Sigma.Data.Sets;

/// <summary>An entry whose file cannot be used.</summary>
/// <param name="Name">The entry.</param>
/// <param name="Reason">What is wrong with its file.</param>
public sealed record UnusableEntry(string Name, string Reason);

/// <summary>An entry with fewer frames than a clip.</summary>
/// <param name="Name">The entry.</param>
/// <param name="Frames">The frames it has.</param>
public sealed record ShortEntry(string Name, int Frames);

/// <summary>What a look at every file of a split found.</summary>
public sealed record DataSetScan
{
    /// <summary>Side of the picture that is decoded as a trial, pixels.</summary>
    private const int TrialSide = 16;

    /// <summary>The split that was looked at.</summary>
    public required DataSet Set { get; init; }

    /// <summary>Entries whose file or folder is not there.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Entries whose first frame does not decode, or that lack something else.</summary>
    public required IReadOnlyList<UnusableEntry> Unreadable { get; init; }

    /// <summary>Entries with fewer frames than asked for, by the number of the file's packets.</summary>
    public required IReadOnlyList<ShortEntry> TooShort { get; init; }

    /// <summary>Names that the annotation has more than once.</summary>
    public required IReadOnlyList<string> Duplicates { get; init; }

    /// <summary>Entries of every class, by the class's name, in the classes' order.</summary>
    public required IReadOnlyDictionary<string, int> Histogram { get; init; }

    /// <summary>What can be used, in the annotation's order; short entries included.</summary>
    public required IReadOnlyList<DataSetEntry> Usable { get; init; }

    /// <summary>Looks at every file of a split, several at a time.</summary>
    /// <param name="set">The split.</param>
    /// <param name="frames">Frames below which a video or sequence is short.</param>
    /// <param name="looked">Told after every entry, from several threads.</param>
    /// <param name="stop">Gives up.</param>
    public static DataSetScan Of(DataSet set, int frames, Action? looked = null, CancellationToken stop = default)
    {
        var entries = set.Entries;
        var findings = new (bool Missing, string? Unreadable, int? Frames)[entries.Count];
        Parallel.For(0, entries.Count, new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, i =>
        {
            findings[i] = Look(set.Layout.Kind, entries[i], frames);
            looked?.Invoke();
        });
        var numbered = entries.Select((entry, i) => (entry, found: findings[i])).ToList();
        return new()
        {
            Set = set,
            Missing = [.. numbered.Where(e => e.found.Missing).Select(e => e.entry.Name)],
            Unreadable = [.. numbered.Where(e => e.found.Unreadable is not null).Select(e => new UnusableEntry(e.entry.Name, e.found.Unreadable!))],
            TooShort = [.. numbered.Where(e => e.found.Frames is not null).Select(e => new ShortEntry(e.entry.Name, e.found.Frames!.Value))],
            Duplicates = [.. entries.CountBy(e => e.Name).Where(n => n.Value > 1).Select(n => n.Key)],
            Histogram = Count(set),
            Usable = [.. numbered.Where(e => e.found is { Missing: false, Unreadable: null }).Select(e => e.entry)],
        };
    }

    private static Dictionary<string, int> Count(DataSet set)
    {
        var counts = new int[set.Classes.Count];
        foreach (var label in set.Entries.SelectMany(e => e.Label is { } one ? [one] : e.Labels))
            counts[label]++;
        // Two classes may have one name (two sets of elements of FineGym share one).
        var shared = set.Classes.CountBy(name => name).Where(n => n.Value > 1).Select(n => n.Key).ToHashSet();
        var histogram = new Dictionary<string, int>();
        for (var i = 0; i < counts.Length; i++)
            histogram[shared.Contains(set.Classes[i]) ? FormattableString.Invariant($"{set.Classes[i]} ({i})") : set.Classes[i]] = counts[i];
        return histogram;
    }

    private static (bool Missing, string? Unreadable, int? Short) Look(DataSetKind kind, DataSetEntry entry, int frames)
    {
        if (entry.Record is not null)
            return default; // its bytes were read with the labels
        var sequence = kind == DataSetKind.Sequences;
        if (sequence ? !Directory.Exists(entry.Path) : !File.Exists(entry.Path))
            return (true, null, null);
        try
        {
            if (sequence)
                return LookAtSequence(entry, frames);
            var count = Decode(entry.Path);
            var needed = kind == DataSetKind.Images ? 1 : frames;
            if (entry.Frames is { } range && range.Last >= count)
                return (false, $"has {count} frames, but the annotation goes up to frame {range.Last + 1}", null);
            return (false, null, count < needed ? count : null);
        }
        catch (Exception e) when (e is MediaException or IOException or UnauthorizedAccessException)
        {
            return (false, e.Message, null);
        }
    }

    private static (bool, string?, int?) LookAtSequence(DataSetEntry entry, int frames)
    {
        string[] pictures = [.. Directory.EnumerateFiles(entry.Path).Where(StillImage.IsImage)];
        if (pictures.Length == 0)
            return (false, $"{entry.Path} holds no pictures", null);
        if (!Directory.Exists(entry.Masks) || !Directory.EnumerateFiles(entry.Masks).Any(StillImage.IsImage))
            return (false, $"there are no masks in {entry.Masks}", null);
        Decode(pictures.Min(StringComparer.Ordinal)!);
        return (false, null, pictures.Length < frames ? pictures.Length : null);
    }

    /// <summary>Decodes the first frame; the number of frames by the file's packets.</summary>
    private static int Decode(string path)
    {
        using var reader = VideoReader.Open(path);
        reader.Read([0], null, TrialSide, TrialSide, new byte[TrialSide * TrialSide * 3]);
        return Math.Max(reader.FrameCount, 1);
    }
}
