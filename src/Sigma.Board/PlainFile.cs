namespace Sigma.Board;

/// <summary>Opens files that others write, and no file but those that lie in the folder themselves.</summary>
internal static class PlainFile
{
    /// <summary>Whether there is something to read under this name.</summary>
    // A link may lead anywhere, and what has no length may be a pipe, which waits for somebody to write.
    public static bool Exists(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null, Length: > 0 };

    /// <summary>Opens a file to read; null where there is none, or none that may be read.</summary>
    public static FileStream? Open(string path)
    {
        try
        {
            return Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
