namespace Sigma.Board;

/// <summary>Looks at files that others write, and at none but those that lie in the folder themselves.</summary>
internal static class PlainFile
{
    /// <summary>Length and time of the last write, by which a file that did not change is known; null where there is nothing to read.</summary>
    // A link may lead anywhere, and what has no length may be a pipe, which waits for somebody to write.
    public static (long Length, DateTime Written)? Stamp(string path) =>
        new FileInfo(path) is { Exists: true, Length: > 0 } file && (file.Attributes & FileAttributes.ReparsePoint) == 0 ? (file.Length, file.LastWriteTimeUtc) : null;

    /// <summary>Opens a file to read; null where there is none, or none that may be read.</summary>
    public static FileStream? Open(string path)
    {
        try
        {
            return Stamp(path) is null ? null : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
