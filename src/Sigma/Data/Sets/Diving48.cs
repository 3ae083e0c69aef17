using System.Text.Json;

namespace Sigma.Data.Sets;

/// <summary>
/// Diving48 (Li et al. 2018) with its second, cleaned labels: <c>Diving48_V2_train.json</c>, <c>Diving48_V2_test.json</c>,
/// <c>Diving48_vocab.json</c>, and videos <c>rgb/NAME.mp4</c>.
/// </summary>
internal static class Diving48
{
    public static DataSetLayout Layout { get; } = new(
        "diving48", "Diving48 V2", DataSetKind.Videos, 48, [new("train", 15_027), new("test", 1_970)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var classes = new List<string>();
        AnnotationFile.Records(set.Annotation("Diving48_vocab.json"), dive =>
        {
            if (dive.ValueKind != JsonValueKind.Array || dive.EnumerateArray().Any(part => part.ValueKind != JsonValueKind.String))
                throw new FormatException("is not the list of a dive's parts");
            classes.Add(string.Join(' ', dive.EnumerateArray().Select(part => part.GetString())));
        });
        var folder = set.Folder("rgb", "videos");
        var entries = new List<DataSetEntry>();
        AnnotationFile.Records(set.Annotation($"Diving48_V2_{split}.json"), record =>
        {
            var (name, label) = (AnnotationFile.Text(record, "vid_name"), AnnotationFile.Number(record, "label"));
            if (label < 0 || label >= classes.Count)
                throw new FormatException($"has the label {label}, which is none of the {classes.Count} classes");
            entries.Add(new(name, set.Media(folder, name, ".mp4")) { Label = label });
        });
        return (classes, entries);
    }
}
