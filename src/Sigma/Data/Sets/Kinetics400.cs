using System.Globalization;

namespace Sigma.Data.Sets;

/// <summary>
/// Kinetics-400 (Kay et al. 2017): <c>train.csv</c> and <c>val.csv</c> with the columns label, youtube_id, time_start and
/// time_end, and clips <c>train/CLASS/ID_000010_000020.mp4</c>, also without the class's folder or with _ for its blanks.
/// </summary>
internal static class Kinetics400
{
    public static DataSetLayout Layout { get; } = new(
        "kinetics400", "Kinetics-400", DataSetKind.Videos, 400, [new("train", 246_245), new("val", 20_000)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var rows = Rows(set, split);
        // The labels are the places of the names among those of the training list, where there is one.
        var training = split != "train" && set.FindAnnotation(Lists("train")) is not null ? Rows(set, "train") : rows;
        string[] classes = [.. training.Select(r => r.Label).Distinct().Order(StringComparer.Ordinal)];
        var labels = AnnotationFile.Places(classes);
        var folder = set.Folder(split == "val" ? ["val", "validate", "validation", "videos_val", "videos"] : ["train", "videos_train", "videos"]);
        var problems = rows.Where(r => !labels.ContainsKey(r.Label)).Select(r => new ManifestProblem(null, $"{r.Name} has the label {r.Label}, which is none of the {classes.Length} classes of the training list")).ToList();
        if (problems.Count > 0)
            throw new ManifestException(set.Annotation(Lists(split)), problems);
        return (classes, [.. rows.Select(r => new DataSetEntry(r.Name, Find(set, folder, r.Label, r.Name)) { Label = labels[r.Label] })]);
    }

    private static string Find(DataSetFolder set, string folder, string label, string name)
    {
        var usual = set.Media(Path.Combine(folder, label), name, ".mp4");
        string[] others = [usual, set.Media(Path.Combine(folder, label.Replace(' ', '_')), name, ".mp4"), set.Media(folder, name, ".mp4")];
        return others.FirstOrDefault(File.Exists) ?? usual;
    }

    private static List<(string Label, string Name)> Rows(DataSetFolder set, string split)
    {
        var rows = new List<(string, string)>();
        AnnotationFile.Table(set.Annotation(Lists(split)), ["label", "youtube_id", "time_start", "time_end"], fields =>
        {
            if (fields[0].Length == 0 || fields[1].Length == 0)
                throw new FormatException("has no label or no youtube_id");
            rows.Add((fields[0], FormattableString.Invariant($"{fields[1]}_{Seconds(fields[2]):000000}_{Seconds(fields[3]):000000}")));
        });
        return rows;
    }

    private static string[] Lists(string split) => split == "val"
        ? ["val.csv", "validate.csv", "kinetics-400_val.csv", "kinetics_val.csv"]
        : ["train.csv", "kinetics-400_train.csv", "kinetics_train.csv"];

    private static int Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? (int)seconds : throw new FormatException($"has the time {text}, which is no number of seconds");
}
