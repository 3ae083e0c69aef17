using System.Globalization;

namespace Sigma.Data.Sets;

/// <summary>
/// Writes lists of a data set's entries. Where every entry has one class: <c>path label</c>, as <c>--data</c> takes it; else a
/// .csv whose header names the columns: <c>path,labels</c> (classes with semicolons between), <c>path,count,first,last</c> (frames from
/// 0, the last included) or <c>path,masks</c>. Paths are relative to the list.
/// </summary>
public static class DataSetManifest
{
    /// <summary>Writes the list of some entries.</summary>
    /// <param name="set">The split they are of.</param>
    /// <param name="entries">Some or all of its entries.</param>
    /// <param name="folder">Receives SPLIT.txt or SPLIT.csv, and classes.txt with the names of the classes in the order of the labels.</param>
    /// <returns>The list's path.</returns>
    public static string Write(DataSet set, IReadOnlyList<DataSetEntry> entries, string folder)
    {
        Directory.CreateDirectory(folder);
        if (set.Classes.Count > 0)
            WholeFile.WriteLines(Path.Combine(folder, "classes.txt"), set.Classes);
        if (entries.Any(e => e.Record is not null))
            entries = WriteImages(set.Split.Name, entries, folder);
        string Place(string path) => Path.GetRelativePath(folder, path);
        var (ending, lines) = set.Layout.Kind switch
        {
            DataSetKind.MultiLabelVideos => (".csv", entries.Select(e => $"{ListFields.ForTable(Place(e.Path))},{string.Join(';', e.Labels)}").Prepend("path,labels")),
            DataSetKind.CountedVideos => (".csv", entries
                .Select(e => FormattableString.Invariant($"{ListFields.ForTable(Place(e.Path))},{e.Count},{e.Frames!.First},{e.Frames.Last}")).Prepend("path,count,first,last")),
            DataSetKind.Sequences => (".csv", entries.Select(e => $"{ListFields.ForTable(Place(e.Path))},{ListFields.ForTable(Place(e.Masks!))}").Prepend("path,masks")),
            _ => (".txt", entries.Select(e => Line(Place(e.Path), e.Label!.Value.ToString(CultureInfo.InvariantCulture)))),
        };
        var list = Path.Combine(folder, set.Split.Name + ending);
        WholeFile.WriteLines(list, lines);
        return list;
    }

    /// <summary>A line of a list: a path, in quotes where it needs them, and a label.</summary>
    /// <exception cref="BadInputException">There is a line break in one of them.</exception>
    public static string Line(string path, string label) => path.AsSpan().IndexOfAny('\n', '\r') >= 0 || label.AsSpan().IndexOfAny('\n', '\r') >= 0
        ? throw new BadInputException($"{path.ReplaceLineEndings("\\n")} ({label.ReplaceLineEndings("\\n")}) has a line break in its name, which no list can hold: rename it")
        : $"{(path.AsSpan().ContainsAny(" \t\"#") ? ListFields.Quote(path) : path)} {(label.AsSpan().ContainsAny(" \t\"") ? ListFields.Quote(label) : label)}";

    /// <summary>Pictures that lie in one file with others become files of their own.</summary>
    private static List<DataSetEntry> WriteImages(string split, IReadOnlyList<DataSetEntry> entries, string folder)
    {
        var images = Directory.CreateDirectory(Path.Combine(folder, split)).FullName;
        using var file = File.OpenRead(entries[0].Path);
        var written = new List<DataSetEntry>();
        foreach (var entry in entries)
        {
            var png = Path.Combine(images, entry.Name + ".png");
            Cifar100.WritePng(file, entry.Record!.Value, png);
            written.Add(entry with { Path = png, Record = null });
        }
        return written;
    }
}
