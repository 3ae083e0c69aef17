namespace Sigma.Data.Sets;

/// <summary>ImageNet-1k (Russakovsky et al. 2015) in folders: <c>train/WNID/NAME.JPEG</c> and <c>val/WNID/NAME.JPEG</c>; the classes are the folders in ordinal order.</summary>
internal static class ImageNet
{
    public static DataSetLayout Layout { get; } = new(
        "imagenet", "ImageNet-1k", DataSetKind.Images, 1000, [new("train", 1_281_167), new("val", 50_000)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var folder = set.Folder(split);
        if (!Directory.Exists(folder))
            throw new AnnotationMissingException($"there is no folder {folder}: ImageNet is expected as {split}/WNID/NAME.JPEG");
        var own = Folders(folder);
        // A validation set that lacks a class must not number the others anew.
        var train = set.Folder("train");
        var classes = Directory.Exists(train) ? Folders(train) : own;
        var labels = AnnotationFile.Places(classes);
        if (own.FirstOrDefault(name => !labels.ContainsKey(name)) is { } odd)
            throw new ManifestException(folder, $"has the folder {odd}, which is none of the {classes.Length} classes in {train}");
        return (classes,
        [
            .. from name in own
               from file in Directory.EnumerateFiles(Path.Combine(folder, name)).Order(StringComparer.Ordinal)
               where StillImage.IsImage(file)
               select new DataSetEntry($"{name}/{Path.GetFileNameWithoutExtension(file)}", file) { Label = labels[name] },
        ]);
    }

    private static string[] Folders(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];
}
