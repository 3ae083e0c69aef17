using System.Globalization;
using System.Text;

namespace Sigma.Data.Packing;

/// <summary>A video of a shard: where it lies in the tar file, its class, and its name there.</summary>
/// <param name="Offset">of its first byte</param>
/// <param name="Size">bytes</param>
/// <param name="Label">null without labels</param>
/// <param name="Name">of the member</param>
internal readonly record struct ShardEntry(long Offset, long Size, string? Label, string Name)
{
    /// <summary>How a reader of videos is told to open it.</summary>
    /// <param name="shard">name of the shard without ending</param>
    public string Path(string shard) => string.Create(CultureInfo.InvariantCulture, $"{shard}.tar/{Name}@{Offset}+{Size}");
}

/// <summary>
/// The list of a shard's videos, in a file beside it: offset, size, label and name, separated by tabs, a video a line.
/// Backslash, tab and line ends inside a text are written as \\, \t, \n and \r.
/// </summary>
internal static class ShardIndex
{
    private const string Ending = ".tsv";

    /// <summary>Writes the list; on the disk before the call returns.</summary>
    public static void Write(string folder, string shard, IEnumerable<ShardEntry> entries)
    {
        var path = System.IO.Path.Combine(folder, shard + Ending);
        WholeFile.Write(path, partial =>
        {
            using var file = new FileStream(partial, FileMode.Create);
            using (var writer = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true))
            {
                foreach (var entry in entries)
                    writer.Write(string.Create(CultureInfo.InvariantCulture, $"{entry.Offset}\t{entry.Size}\t{Escape(entry.Label ?? "")}\t{Escape(entry.Name)}\n"));
            }
            file.Flush(flushToDisk: true);
        });
    }

    /// <summary>Reads the list.</summary>
    /// <exception cref="FormatException">a line makes no sense; the message names the file and the line</exception>
    public static IEnumerable<ShardEntry> Read(string folder, string shard)
    {
        var number = 0;
        foreach (var line in File.ReadLines(System.IO.Path.Combine(folder, shard + Ending)))
        {
            number++;
            if (line.Split('\t') is not [var offset, var size, var label, var name]
                || Number(offset) is not { } first || Number(size) is not { } bytes || bytes == 0 || name.Contains('\0', StringComparison.Ordinal))
                throw new FormatException($"{shard}{Ending} has no offset, size, label and name in line {number}: it is damaged");
            yield return new(first, bytes, label.Length == 0 ? null : Unescape(label), Unescape(name));
        }
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            plain.Append(text[i] != '\\' || ++i == text.Length
                ? text[Math.Min(i, text.Length - 1)]
                : text[i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', var other => other });
        }
        return plain.ToString();
    }
}
