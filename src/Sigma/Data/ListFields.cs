using System.Text;

namespace Sigma.Data;

/// <summary>Splits a line of a list of videos into its fields.</summary>
internal static class ListFields
{
    /// <summary>
    /// The fields of a line of a plain list: parted by tabs where it has any outside quotes, else by white space. A field in
    /// double quotes keeps what is in it; a double quote inside one is written twice.
    /// </summary>
    /// <exception cref="FormatException">a quote is not closed, or something follows it directly</exception>
    public static List<string> OfLine(string line) =>
        HasTab(line) ? Split(line, c => c == '\t', merge: true) : Split(line, char.IsWhiteSpace, merge: true);

    /// <summary>The fields of a line of comma-separated values (RFC 4180, a line a record), white space around them removed.</summary>
    /// <exception cref="FormatException">a quote is not closed, or something follows it directly</exception>
    public static List<string> OfTable(string line) => Split(line, c => c == ',', merge: false);

    private static List<string> Split(string line, Func<char, bool> parts, bool merge)
    {
        var fields = new List<string>();
        var at = 0;
        while (true)
        {
            while (at < line.Length && char.IsWhiteSpace(line[at]) && (merge || !parts(line[at])))
                at++;
            if (merge && at == line.Length)
                return fields;
            fields.Add(at < line.Length && line[at] == '"' ? Quoted(line, ref at, parts) : Bare(line, ref at, parts));
            if (at == line.Length)
                return fields;
            at++; // the separator
        }
    }

    private static string Bare(string line, ref int at, Func<char, bool> parts)
    {
        var start = at;
        while (at < line.Length && !parts(line[at]))
            at++;
        return line[start..at].TrimEnd();
    }

    private static string Quoted(string line, ref int at, Func<char, bool> parts)
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
        at++;
        while (at < line.Length && !parts(line[at]))
        {
            if (!char.IsWhiteSpace(line[at]))
                throw new FormatException($"has {line[at..]} directly after a closing double quote: a quote inside a quoted path is written twice");
            at++;
        }
        return text.ToString();
    }

    /// <summary>Whether a tab parts the line; one in quotes does not.</summary>
    private static bool HasTab(string line) =>
        line.AsSpan(line.AsSpan().TrimStart().StartsWith('"') ? line.LastIndexOf('"') : 0).Contains('\t');
}
