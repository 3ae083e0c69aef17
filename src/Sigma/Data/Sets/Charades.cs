namespace Sigma.Data.Sets;

/// <summary>
/// Charades (Sigurdsson et al. 2016): <c>Charades_v1_train.csv</c>, <c>Charades_v1_test.csv</c> whose column actions lists class,
/// begin and end (<c>c092 11.90 21.20;c147 0.00 12.60</c>), <c>Charades_v1_classes.txt</c>, and videos
/// <c>Charades_v1_480/ID.mp4</c>. A video has every class that is listed, whenever it is seen.
/// </summary>
internal static class Charades
{
    public static DataSetLayout Layout { get; } = new(
        "charades", "Charades", DataSetKind.MultiLabelVideos, 157, [new("train", 7_985), new("test", 1_863)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var classes = new List<string>();
        AnnotationFile.Lines(Annotation(set, "Charades_v1_classes.txt"), line =>
        {
            if (line.Split(' ', 2) is not [['c', .. var number], var name] || number != FormattableString.Invariant($"{classes.Count:000}"))
                throw new FormatException($"is not c{classes.Count:000} and a class's name");
            classes.Add(name);
        });
        var folder = set.Folder("Charades_v1_480", "Charades_v1", "videos");
        var entries = new List<DataSetEntry>();
        AnnotationFile.Table(Annotation(set, $"Charades_v1_{split}.csv"), ["id", "actions"], fields =>
        {
            if (fields[0].Length == 0)
                throw new FormatException("has no id");
            var actions = fields[1].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            int[] labels = [.. actions.Select(a => Label(a, classes.Count)).Distinct().Order()];
            entries.Add(new(fields[0], set.Media(folder, fields[0], ".mp4")) { Labels = labels });
        });
        return (classes, entries);
    }

    private static string Annotation(DataSetFolder set, string name) => set.Annotation(name, "Charades/" + name);

    private static int Label(string action, int classes) => action.Split(' ') is [['c', .. var number], _, _]
        ? AnnotationFile.Label(number, 0, classes)
        : throw new FormatException($"has the action {action}, which is not a class, a begin and an end, as c092 11.90 21.20");
}
