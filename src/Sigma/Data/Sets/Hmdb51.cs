namespace Sigma.Data.Sets;

/// <summary>
/// HMDB51 (Kuehne et al. 2011), three splits: <c>testTrainMulti_7030_splits/CLASS_test_split1.txt</c> with a video and 1 (train),
/// 2 (test) or 0 (neither) a line, and videos <c>CLASS/NAME.avi</c>.
/// </summary>
internal static class Hmdb51
{
    public static DataSetLayout Layout { get; } = new(
        "hmdb51", "HMDB51", DataSetKind.Videos, 51,
        [new("train-1", 3_570), new("test-1", 1_530), new("train-2", 3_570), new("test-2", 1_530), new("train-3", 3_570), new("test-3", 1_530)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var (wanted, ending) = (split.StartsWith("train", StringComparison.Ordinal) ? "1" : "2", $"_test_split{split[^1]}.txt");
        var lists = set.Folder("testTrainMulti_7030_splits", "splits", "annotations");
        string[] files = Directory.Exists(lists) ? [.. Directory.EnumerateFiles(lists, "*" + ending).Order(StringComparer.Ordinal)] : [];
        if (files.Length == 0)
            throw new AnnotationMissingException($"{lists} holds no file CLASS{ending}: is HMDB51 unpacked there, with its splits?");
        string[] classes = [.. files.Select(f => Path.GetFileName(f)[..^ending.Length])];
        var videos = set.Folder("hmdb51_org", "videos", ".");
        var entries = new List<DataSetEntry>();
        for (var label = 0; label < files.Length; label++)
        {
            AnnotationFile.Lines(files[label], line =>
            {
                if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var file, var part] || part is not ("0" or "1" or "2"))
                    throw new FormatException("is not a video and 0, 1 or 2");
                var stem = Path.GetFileNameWithoutExtension(file);
                if (part == wanted)
                    entries.Add(new($"{classes[label]}/{stem}", set.Media(Path.Combine(videos, classes[label]), stem, ".avi")) { Label = label });
            });
        }
        return (classes, entries);
    }
}
