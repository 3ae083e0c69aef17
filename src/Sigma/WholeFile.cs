using System.Text.RegularExpressions;

namespace Sigma;

/// <summary>
/// Writes files that appear under their name when they are whole, whoever else writes the same one: beside it, under a name
/// of its own, and renamed. Where that fails nothing is left behind, and an earlier file stands.
/// </summary>
public static partial class WholeFile
{
    private const int ReadOnlyFileSystem = 30; // EROFS

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
    /// <exception cref="BadInputException">There is no such folder, or no right to write there.</exception>
    public static void Write(string path, Action<string> write)
    {
        var partial = $"{path}.{Path.GetRandomFileName()}.partial";
        try
        {
            write(partial);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Best effort: the failure that is told is the first.
            try { File.Delete(partial); }
            catch (Exception second) when (second is IOException or UnauthorizedAccessException) { }
            throw Unwritable(path, failure);
        }
    }

    /// <summary>What to throw where a file or folder cannot be written: it names the path as the caller did, and why.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="failure">An <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
    /// <param name="advice">A sentence with what to do; empty for none.</param>
    public static Exception Unwritable(string path, Exception failure, string advice = "")
    {
        var why = failure switch
        {
            UnauthorizedAccessException => "permission denied",
            DirectoryNotFoundException or FileNotFoundException => "there is no such folder",
            // The system's own words, without the name that the file had for the moment.
            _ => NameAtEnd().Replace(NameAtStart().Replace(failure.Message, ""), "").TrimEnd('.'),
        };
        var message = $"{path} cannot be written: {why}{(advice.Length > 0 ? $". {advice}" : "")}";
        return failure is UnauthorizedAccessException or DirectoryNotFoundException or FileNotFoundException or { HResult: ReadOnlyFileSystem }
            ? new BadInputException(message, failure)
            : new IOException(message, failure);
    }

    [GeneratedRegex(@" : '[^']*'\z")]
    private static partial Regex NameAtEnd();

    // Of a file for which there was no room as a whole.
    [GeneratedRegex(@"\AFailed to create '.*' with allocation size '[0-9]*' because ", RegexOptions.Singleline)]
    private static partial Regex NameAtStart();
}
