namespace Sigma.Data;

/// <summary>Reads lists of videos: one <c>path [label]</c> a line, or a .csv with a header.</summary>
internal static class VideoList
{
    private static readonly string[] PathColumns = ["path", "video", "file"];
    private static readonly string[] LabelColumns = ["label", "class"];

    /// <summary>Reads a list.</summary>
    /// <exception cref="ManifestException">carries every line that makes no sense</exception>
    /// <exception cref="IOException">the file cannot be read</exception>
    public static VideoRows Read(string list, bool labels, IReadOnlyList<string>? classes)
    {
        var rows = new VideoRows();
        var problems = new List<ManifestProblem>();
        var isTable = Path.GetExtension(list).Equals(".csv", StringComparison.OrdinalIgnoreCase);
        Columns? columns = isTable ? null : Columns.OfList;
        var number = 0;
        foreach (var line in File.ReadLines(list))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.AsSpan().TrimStart()[0] == '#')
                continue;
            if (line.Contains('\0', StringComparison.Ordinal))
                throw new ManifestException(list, "is no text file: a list has one path a line");
            try
            {
                var fields = isTable ? ListFields.OfTable(line) : ListFields.OfLine(line);
                if (columns is { } known)
                    Add(rows, known, fields, labels, number);
                else
                    columns = Header(fields, labels);
            }
            catch (FormatException e)
            {
                problems.Add(new(number, e.Message));
                if (columns is null)
                    break; // without a header no line of a table can be told
            }
        }
        if (problems.Count == 0 && rows.Ends.Count == 0)
            throw new ManifestException(list, "lists no video: it needs one path a line");
        if (labels && problems.Count == 0)
            rows.ResolveLabels(classes, problems);
        return problems.Count == 0 ? rows : throw new ManifestException(list, problems);
    }

    private static void Add(VideoRows rows, Columns columns, List<string> fields, bool labels, int line)
    {
        if (fields.Count > columns.Count)
            throw new FormatException($"has {fields.Count} fields, {columns.Surplus}");
        if (fields.Count <= columns.Path || fields[columns.Path].Length == 0)
            throw new FormatException("names no video: the path is missing");
        var hasLabel = columns.Label is { } field && field < fields.Count && fields[field].Length > 0;
        if (hasLabel && VideoFolder.IsVideo(fields[columns.Label!.Value]))
            throw new FormatException($"has the label {fields[columns.Label.Value]}, which looks like a part of a path: a path with spaces needs double quotes, or a tab before the label");
        if (labels && !hasLabel)
            throw new FormatException($"{fields[columns.Path]} has no label, but labels are wanted here: put a number or a name after the path");
        rows.Add(fields[columns.Path], labels ? fields[columns.Label!.Value] : null, line);
    }

    /// <exception cref="FormatException">a column is missing</exception>
    private static Columns Header(List<string> names, bool labels)
    {
        int? Find(string[] wanted) => wanted
            .Select(name => names.FindIndex(column => column.Equals(name, StringComparison.OrdinalIgnoreCase)))
            .Where(column => column >= 0)
            .Select(column => (int?)column)
            .FirstOrDefault();

        var path = Find(PathColumns) ?? throw new FormatException(
            $"the header has no column path, video or file, but {string.Join(", ", names)}: name the columns in the first line, "
            + "or let a list without a header end in .txt");
        var label = Find(LabelColumns);
        if (labels && label is null)
            throw new FormatException($"the header has no column label or class, but {string.Join(", ", names)}, and labels are wanted here");
        return new(path, label, names.Count, $"but the header names {names.Count}: a field with commas needs double quotes");
    }

    /// <summary>Which fields of a line are meant, how many there may be, and what to say where there are more.</summary>
    private readonly record struct Columns(int Path, int? Label, int Count, string Surplus)
    {
        /// <summary>Those of a list that is no table.</summary>
        public static readonly Columns OfList = new(0, 1, 2,
            "but a line is a path and at most a label: a path with spaces needs double quotes, or a tab before the label");
    }
}
