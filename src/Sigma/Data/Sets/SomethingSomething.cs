namespace Sigma.Data.Sets;

/// <summary>
/// Something-Something V2 (Goyal et al. 2017): <c>train.json</c>, <c>validation.json</c> with id and template of every video,
/// <c>labels.json</c> with the number of every template, and videos <c>20bn-something-something-v2/ID.webm</c>.
/// </summary>
internal static class SomethingSomething
{
    private const string Older = "something-something-v2-";

    public static DataSetLayout Layout { get; } = new(
        "ssv2", "Something-Something V2", DataSetKind.Videos, 174, [new("train", 168_913), new("validation", 24_777)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var labels = new Dictionary<string, int>();
        AnnotationFile.Members(set.Annotation("labels.json", Older + "labels.json"), (template, number) =>
            labels[template] = AnnotationFile.Label(number.ToString(), 0, Layout.Classes));

        var folder = set.Folder("20bn-something-something-v2", "videos");
        var entries = new List<DataSetEntry>();
        AnnotationFile.Records(set.Annotation($"{split}.json", $"{Older}{split}.json"), record =>
        {
            var id = AnnotationFile.Text(record, "id");
            var template = AnnotationFile.Text(record, "template");
            // The list of labels has the templates without the brackets around what is filled in.
            var plain = template.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
            entries.Add(new(id, set.Media(folder, id, ".webm")) { Label = AnnotationFile.LabelOf(labels, plain) });
        });
        return ([.. labels.OrderBy(l => l.Value).Select(l => l.Key)], entries);
    }
}
