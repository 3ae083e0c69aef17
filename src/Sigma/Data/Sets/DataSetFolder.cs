namespace Sigma.Data.Sets;

/// <summary>A file of a data set's annotation is not there.</summary>
public sealed class AnnotationMissingException : BadInputException
{
    internal AnnotationMissingException(string message)
        : base(message)
    {
    }
}

/// <summary>Finds the files of an unpacked data set, under any of the names they are given.</summary>
/// <param name="root">The folder it was unpacked in.</param>
/// <param name="title">The set's name, for messages.</param>
public sealed class DataSetFolder(string root, string title)
{
    private static readonly string[] AnnotationFolders = ["", "annotations", "labels"];

    private readonly Dictionary<string, Dictionary<string, string>> listings = [];

    /// <summary>The first of several files that is there, directly in the root, in <c>annotations</c> or in <c>labels</c>.</summary>
    /// <param name="names">Paths below the root, the usual one first.</param>
    /// <exception cref="AnnotationMissingException">None is.</exception>
    internal string Annotation(params string[] names) =>
        FindAnnotation(names) ?? throw new AnnotationMissingException(
            $"{root} holds no {string.Join(", no ", names)}, directly or in annotations or labels: is {title} unpacked there?");

    /// <summary>As <see cref="Annotation"/>, or null.</summary>
    internal string? FindAnnotation(params string[] names) => (
        from name in names
        from folder in AnnotationFolders
        select Path.Combine(root, folder, name)).FirstOrDefault(File.Exists);

    /// <summary>The first of several folders that is there; else where the first should be.</summary>
    /// <param name="names">Paths below the root, the usual one first.</param>
    internal string Folder(params string[] names) =>
        names.Select(n => Path.Combine(root, n)).FirstOrDefault(Directory.Exists) ?? Path.Combine(root, names[0]);

    /// <summary>The file of a name in a folder, whatever its ending; where there is none, what it would be called.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="stem">The name without ending.</param>
    /// <param name="ending">The ending it is published with, with the dot.</param>
    internal string Media(string folder, string stem, string ending)
    {
        if (!listings.TryGetValue(folder, out var files))
        {
            files = [];
            if (Directory.Exists(folder))
            {
                foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
                    files.TryAdd(Path.GetFileNameWithoutExtension(file), file);
            }
            listings.Add(folder, files);
        }
        return files.GetValueOrDefault(stem, Path.Combine(folder, stem + ending));
    }
}
