namespace Sigma.Data.Sets;

/// <summary>
/// UCF101 (Soomro et al. 2012), three splits: <c>ucfTrainTestlist/classInd.txt</c>, <c>trainlist01.txt</c> and
/// <c>testlist01.txt</c>, and videos <c>UCF-101/CLASS/v_CLASS_g01_c01.avi</c>.
/// </summary>
internal static class Ucf101
{
    private const string Lists = "ucfTrainTestlist/";

    public static DataSetLayout Layout { get; } = new(
        "ucf101", "UCF101", DataSetKind.Videos, 101,
        [new("train-1", 9_537), new("test-1", 3_783), new("train-2", 9_586), new("test-2", 3_734), new("train-3", 9_624), new("test-3", 3_696)], Read);

    /// <summary>Where the videos are.</summary>
    public static string Videos(DataSetFolder set) => set.Folder("UCF-101", "videos", ".");

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var classes = new List<string>();
        AnnotationFile.Lines(set.Annotation(Lists + "classInd.txt", "classInd.txt"), line =>
        {
            if (line.Split(' ') is not [var number, var name] || number != FormattableString.Invariant($"{classes.Count + 1}"))
                throw new FormatException($"is not the number {classes.Count + 1} and a class's name");
            classes.Add(name);
        });
        var labels = AnnotationFile.Places(classes);
        var list = FormattableString.Invariant($"{split[..^2]}list0{split[^1]}.txt");
        var folder = Videos(set);
        var entries = new List<DataSetEntry>();
        AnnotationFile.Lines(set.Annotation(Lists + list, list), line =>
        {
            if (line.Split(' ') is not [var path, .. var rest] || path.Split('/') is not [var name, var file] || rest.Length > 1)
                throw new FormatException("is not CLASS/FILE, with at most a label after it");
            var label = AnnotationFile.LabelOf(labels, name);
            if (rest is [var number] && AnnotationFile.Label(number, 1, classes.Count) != label)
                throw new FormatException($"has the label {number}, but {name} is {label + 1} in classInd.txt");
            var stem = Path.GetFileNameWithoutExtension(file);
            entries.Add(new($"{name}/{stem}", set.Media(Path.Combine(folder, name), stem, ".avi")) { Label = label });
        });
        return (classes, entries);
    }
}
