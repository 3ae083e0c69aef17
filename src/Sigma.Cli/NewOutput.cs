namespace Sigma.Cli;

/// <summary>
/// A file or folder that a command makes. It is written in a folder of its own beside and moved to its place when whole, so
/// that what stands under its name is never half of it; what exists already is not touched.
/// </summary>
internal sealed class NewOutput : IDisposable
{
    private readonly string target;
    private readonly string workshop;

    /// <summary>Prepares for the output, and makes the folders around it.</summary>
    /// <exception cref="BadInputException">There is something of that name, or the folders around it cannot be made.</exception>
    public NewOutput(string path)
    {
        target = System.IO.Path.GetFullPath(System.IO.Path.TrimEndingDirectorySeparator(path));
        var around = System.IO.Path.GetDirectoryName(target) ?? target;
        if (System.IO.Path.Exists(target))
            throw new BadInputException($"{path} exists already: choose another --out, or remove it first");
        workshop = System.IO.Path.Combine(around, $".{System.IO.Path.GetFileName(target)}.{Environment.ProcessId}.partial");
        try
        {
            Directory.CreateDirectory(workshop);
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
    public void Dispose() => Directory.Delete(workshop, recursive: true);
}
