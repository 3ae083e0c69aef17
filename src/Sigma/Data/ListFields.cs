using System.Text;

namespace Sigma.Data;

/// <summary>Splits a line of a list of videos into its fields, and quotes fields for one.</summary>
public static class ListFields
{
    private const string Blanks = " \t";

    /// <summary>
    /// The fields of a line of a plain list: parted by tabs where it has any outside quotes, else by blanks. A field in
    /// double quotes keeps what is in it; a double quote inside one is written twice.
    /// </summary>
    /// <exception cref="FormatException">a quote is not closed, or something follows it directly</exception>
    public static List<string> OfLine(string line) => Split(line, HasTab(line) ? "\t" : Blanks, merge: true);

    /// <summary>The fields of a line of comma-separated values (RFC 4180, a line a record), blanks around them removed.</summary>
    /// <exception cref="FormatException">a quote is not closed, or something follows it directly</exception>
    public static List<string> OfTable(string line) => Split(line, ",", merge: false);

    /// <summary>A field of comma-separated values, in quotes where it needs them.</summary>
    public static string ForTable(string text) =>
        text.AsSpan().ContainsAny(",\"\n\r") || text.AsSpan().Trim(Blanks).Length < text.Length ? Quote(text) : text;

    /// <summary>A field in quotes, as both kinds of lines take it.</summary>
    public static string Quote(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The fields of a line.</summary>
    /// <param name="line">the line</param>
    /// <param name="separators">each of these ends a field</param>
    /// <param name="merge">whether several in a row, and those at the ends, part nothing</param>
    private static List<string> Split(string line, string separators, bool merge)
    {
        var fields = new List<string>();
        var at = 0;
        while (true)
        {
            var rest = line.AsSpan(at);
            at += rest.Length - rest.TrimStart(Blanks).Length;
            if (merge && at == line.Length)
                return fields;
            fields.Add(at < line.Length && line[at] == '"' ? Quoted(line, ref at, separators) : Bare(line, ref at, separators));
            if (at == line.Length)
                return fields;
            at++; // the separator
        }
    }

    private static string Bare(string line, ref int at, string separators)
    {
        var field = UpTo(line.AsSpan(at), separators);
        at += field.Length;
        return field.TrimEnd(Blanks).ToString();
    }

    private static string Quoted(string line, ref int at, string separators)
    {
        var text = new StringBuilder();
        for (at++; ; at++)
        {
            if (at == line.Length)
                throw new FormatException("has a double quote that is not closed");
            if (line[at] != '"')
                text.Append(line[at]);
            else if (at + 1 < line.Length && line[at + 1] == '"')
                text.Append(line[at++]);
            else
                break;
        }
        var behind = UpTo(line.AsSpan(++at), separators);
        if (!behind.Trim(Blanks).IsEmpty)
            throw new FormatException($"has {behind} directly after a closing double quote: a quote inside a quoted path is written twice");
        at += behind.Length;
        return text.ToString();
    }

    private static ReadOnlySpan<char> UpTo(ReadOnlySpan<char> text, string separators)
    {
        var end = text.IndexOfAny(separators);
        return end < 0 ? text : text[..end];
    }

    /// <summary>Whether a tab parts the line; one in quotes does not.</summary>
    private static bool HasTab(string line) =>
        line.AsSpan(line.AsSpan().TrimStart(Blanks).StartsWith('"') ? line.LastIndexOf('"') : 0).Contains('\t');
}
