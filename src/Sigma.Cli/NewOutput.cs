namespace Sigma.Cli;

/// <summary>
/// A file or folder that a command makes. It is written in a folder of its own beside and moved to its place when whole, so
/// that what stands under its name is never half of it; what exists already is not touched. Folders that were left by processes
/// which were killed are removed by the next that makes the same output.
/// </summary>
internal sealed class NewOutput : IDisposable
{
    private const string Ending = ".partial";
    private const string InUse = ".running"; // held open in a folder while its process lives

    private readonly string target;
    private readonly string workshop;
    private readonly FileStream claim;

    /// <summary>Prepares for the output, and makes the folders around it.</summary>
    /// <exception cref="BadInputException">There is something of that name, or the folders around it cannot be made.</exception>
    public NewOutput(string path)
    {
        target = System.IO.Path.GetFullPath(System.IO.Path.TrimEndingDirectorySeparator(path));
        var around = System.IO.Path.GetDirectoryName(target) ?? target;
        if (System.IO.Path.Exists(target))
            throw new BadInputException($"{path} exists already: choose another --out, or remove it first");
        var start = $".{System.IO.Path.GetFileName(target)}.";
        workshop = System.IO.Path.Combine(around, $"{start}{System.IO.Path.GetRandomFileName()}{Ending}");
        try
        {
            Directory.CreateDirectory(around);
            foreach (var left in Directory.EnumerateDirectories(around).Where(folder => IsWorkshop(System.IO.Path.GetFileName(folder), start)).ToList())
                RemoveIfLeft(left);
            Directory.CreateDirectory(workshop);
            claim = Claim(workshop);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(path, failure);
        }
        Path = System.IO.Path.Combine(workshop, System.IO.Path.GetFileName(target));
    }

    /// <summary>Where to write for now.</summary>
    public string Path { get; }

    /// <summary>Moves what was written to its place.</summary>
    /// <exception cref="IOException">Something else was put there meanwhile.</exception>
    public void Finish()
    {
        if (Directory.Exists(Path))
            Directory.Move(Path, target);
        else
            File.Move(Path, target, overwrite: false);
    }

    /// <summary>Removes what was not finished.</summary>
    public void Dispose()
    {
        claim.Dispose();
        Directory.Delete(workshop, recursive: true);
    }

    private static bool IsWorkshop(string name, string start) =>
        name.Length > start.Length + Ending.Length && name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal);

    private static FileStream Claim(string folder) =>
        new(System.IO.Path.Combine(folder, InUse), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);

    private static void RemoveIfLeft(string folder)
    {
        try
        {
            using (Claim(folder))
            {
            }
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Somebody works there, or it is not ours: it costs room, nothing else.
        }
    }
}
