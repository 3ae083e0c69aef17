namespace Sigma;

/// <summary>
/// Writes files that appear under their name when they are whole, whoever else writes the same one: beside it, under a name
/// of its own, and renamed. Where that fails nothing is left behind, and an earlier file stands.
/// </summary>
public static class WholeFile
{
    /// <summary>Writes a text.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteText(string path, string text) => Write(path, partial => File.WriteAllText(partial, text));

    /// <summary>Writes lines, each with its end.</summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteLines(string path, IEnumerable<string> lines) => Write(path, partial => File.WriteAllLines(partial, lines));

    /// <summary>Has a file written.</summary>
    /// <param name="path">Its name; a file that stands there is replaced.</param>
    /// <param name="write">Writes it under the name that it is given.</param>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string path, Action<string> write)
    {
        var partial = $"{path}.{Path.GetRandomFileName()}.partial";
        try
        {
            write(partial);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            // Best effort: the failure that is told is the first.
            try { File.Delete(partial); }
            catch (Exception second) when (second is IOException or UnauthorizedAccessException) { }
            throw;
        }
    }
}
