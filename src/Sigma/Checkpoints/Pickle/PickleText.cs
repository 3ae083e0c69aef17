using System.Globalization;
using System.Text;

namespace Sigma.Checkpoints.Pickle;

/// <summary>How protocol 0 writes text and numbers in lines.</summary>
internal static class PickleText
{
    public static string Latin1(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>Python's float text, with its names for what is not finite; null where it is none.</summary>
    public static double? Float(ReadOnlySpan<byte> line) => Latin1(line) switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        var text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null,
    };

    /// <summary>A text in quotes with Python's escapes, or null where the quotes are missing.</summary>
    public static string? Quoted(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\r');
        if (line.Length < 2 || line[0] != line[^1] || line[0] is not ((byte)'\'' or (byte)'"')) return null;
        return Unescape(line[1..^1], "\\'\"abfnrtvx"u8);
    }

    /// <summary>Python's raw-unicode-escape: Latin-1 with <c>\uXXXX</c> and <c>\UXXXXXXXX</c>.</summary>
    public static string RawUnicode(ReadOnlySpan<byte> line) => Unescape(line, "uU"u8);

    static string Unescape(ReadOnlySpan<byte> line, ReadOnlySpan<byte> escapes)
    {
        var text = new StringBuilder(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] != '\\' || i + 1 == line.Length || !escapes.Contains(line[i + 1]))
            {
                text.Append((char)line[i]);
                continue;
            }
            var kind = line[++i];
            var digits = kind switch { (byte)'x' => 2, (byte)'u' => 4, (byte)'U' => 8, _ => 0 };
            if (digits == 0) text.Append(Simple(kind));
            else if (i + digits < line.Length
                && uint.TryParse(line.Slice(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                text.Append(code < 0x10000 ? ((char)code).ToString() : Rune.IsValid(code) ? new Rune(code).ToString() : "\ufffd");
                i += digits;
            }
            else text.Append('\\').Append((char)kind);
        }
        return text.ToString();
    }

    static char Simple(byte kind) => kind switch
    {
        (byte)'a' => '\a',
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        (byte)'v' => '\v',
        _ => (char)kind,
    };
}
