namespace Sigma.Data.Sets;

/// <summary>
/// DAVIS-2017 (Pont-Tuset et al. 2017): <c>ImageSets/2017/train.txt</c> and <c>val.txt</c> with a sequence a line, frames
/// <c>JPEGImages/480p/SEQUENCE/00000.jpg</c> and masks <c>Annotations/480p/SEQUENCE/00000.png</c>.
/// </summary>
internal static class Davis2017
{
    public static DataSetLayout Layout { get; } = new(
        "davis2017", "DAVIS-2017", DataSetKind.Sequences, 0, [new("train", 60), new("val", 30)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var (frames, masks) = (set.Folder("JPEGImages/480p", "DAVIS/JPEGImages/480p"), set.Folder("Annotations/480p", "DAVIS/Annotations/480p"));
        var entries = new List<DataSetEntry>();
        AnnotationFile.Lines(set.Annotation($"ImageSets/2017/{split}.txt", $"DAVIS/ImageSets/2017/{split}.txt"), name =>
        {
            if (name.AsSpan().ContainsAny(" \t/\\"))
                throw new FormatException($"is not the name of a sequence: {name}");
            entries.Add(new(name, Path.Combine(frames, name)) { Masks = Path.Combine(masks, name) });
        });
        return ([], entries);
    }
}
