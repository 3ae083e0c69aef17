using System.IO.Enumeration;

namespace Sigma.Data;

/// <summary>Finds the videos of a folder.</summary>
internal static class VideoFolder
{
    private static readonly string[] Endings =
    [
        "3gp", "avi", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogv", "ts", "webm", "wmv",
    ];

    private static readonly HashSet<string> EndingSet = new(Endings, StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> EndingLookup =
        EndingSet.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a path has one of the endings a folder is searched for.</summary>
    public static bool IsVideo(ReadOnlySpan<char> path)
    {
        var ending = Path.GetExtension(path);
        return ending.Length > 1 && EndingLookup.Contains(ending[1..]);
    }

    /// <summary>The videos of a folder at any depth, in ordinal order of their paths below it.</summary>
    /// <param name="folder">the folder</param>
    /// <param name="labels">whether the class is wanted</param>
    /// <param name="classes">those of another manifest, or null</param>
    /// <param name="pictures">whether pictures are taken where there is no video</param>
    /// <exception cref="ManifestException">no video, or a label is wanted where there is no sub-folder</exception>
    public static VideoRows Read(string folder, bool labels, IReadOnlyList<string>? classes, bool pictures)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var names = Names(root, file => IsVideo(file));
        if (names.Length == 0 && pictures)
            names = Names(root, StillImage.IsImage);
        if (names.Length == 0)
            throw new ManifestException(folder, $"holds no video, at any depth: looked for files that end in .{string.Join(", .", Endings)}");
        Array.Sort(names, StringComparer.Ordinal);

        var rows = new VideoRows();
        var problems = new List<ManifestProblem>();
        foreach (var name in names)
        {
            var slash = name.IndexOf(Path.DirectorySeparatorChar, StringComparison.Ordinal);
            if (labels && slash < 0)
                problems.Add(new(null, $"{name} has no class: each video must lie in a sub-folder, whose name is its class"));
            else
                rows.Add(name, labels ? name[..slash] : null);
        }
        if (labels && problems.Count == 0)
            rows.ResolveLabels(classes, problems);
        return problems.Count == 0 ? rows : throw new ManifestException(folder, problems);
    }

    private static string[] Names(string root, Predicate<string> wanted) => [.. Find(root, wanted).Select(path => path[(root.Length + 1)..])];

    /// <summary>Full paths, hidden files left out, links followed unless they lead back.</summary>
    private static FileSystemEnumerable<string> Find(string root, Predicate<string> wanted) => new(
        root,
        (ref FileSystemEntry entry) => entry.ToFullPath(),
        new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = false,
            AttributesToSkip = FileAttributes.Hidden,
        })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && wanted(entry.FileName.ToString()),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !LeadsBack(ref entry, root),
    };

    /// <summary>
    /// Whether a link leads to a folder that the way to it has passed, or to one above the root: what lies there would be found
    /// again and again.
    /// </summary>
    private static bool LeadsBack(ref FileSystemEntry entry, string root)
    {
        if ((entry.Attributes & FileAttributes.ReparsePoint) == 0)
            return false;
        var place = entry.ToFullPath();
        var target = RealPath(place) + Path.DirectorySeparatorChar;
        for (var passed = Path.GetDirectoryName(place)!; ; passed = Path.GetDirectoryName(passed)!)
        {
            if ((RealPath(passed) + Path.DirectorySeparatorChar).StartsWith(target, StringComparison.Ordinal))
                return true;
            if (passed.Length <= root.Length)
                return false;
        }
    }

    /// <summary>A folder's path without links.</summary>
    private static string RealPath(string folder)
    {
        var real = "";
        foreach (var name in folder.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = $"{real}{Path.DirectorySeparatorChar}{name}";
            // What a link names may itself be reached through links.
            real = new DirectoryInfo(next).ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : next;
        }
        return real;
    }
}
