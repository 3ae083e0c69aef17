namespace Sigma.Board;

/// <summary>Is handed a line without its end.</summary>
internal delegate void LineReader(ReadOnlySpan<byte> line);

/// <summary>
/// Follows a file that grows: every line is read once, and one that is half written when it is whole. A file that was written
/// anew, as a run that continues does, is known by its last line that was read not being where it was.
/// </summary>
/// <param name="path">The file, which need not exist yet.</param>
internal sealed class GrowingFile(string path)
{
    private const int Chunk = 1 << 16;

    // Longer lines are nobody's figures: they are passed over.
    private const int LongestLine = 1 << 20;

    private (long Length, DateTime Written)? seen;
    private long end;
    private byte[] last = [];

    /// <summary>Reads on.</summary>
    /// <param name="line">Is handed the new lines.</param>
    /// <param name="again">Is called before the first of them where the file was written anew.</param>
    public void Read(LineReader line, Action again)
    {
        var now = PlainFile.Stamp(path);
        if (now == seen)
            return;
        seen = now;
        using var file = PlainFile.Open(path);
        if (end > 0 && (file is null || !Continues(file)))
        {
            (end, last) = (0, []);
            again();
        }
        if (file is null || file.Length <= end)
            return;
        file.Position = end;
        var buffer = new byte[Chunk];
        var (filled, passOver) = (0, false);
        while (file.Read(buffer, filled, buffer.Length - filled) is > 0 and var count)
        {
            filled += count;
            var rest = buffer.AsSpan(0, filled);
            while (rest.IndexOf((byte)'\n') is >= 0 and var length)
            {
                if (!passOver)
                    line(rest[..length]);
                passOver = false;
                last = rest[..(length + 1)].ToArray();
                end += last.Length;
                rest = rest[last.Length..];
            }
            filled = rest.Length;
            rest.CopyTo(buffer);
            if (filled < buffer.Length)
                continue;
            if (buffer.Length < LongestLine)
                Array.Resize(ref buffer, LongestLine);
            else
                (end, filled, last, passOver) = (end + filled, 0, [], true);
        }
    }

    private bool Continues(FileStream file)
    {
        if (file.Length < end)
            return false;
        var there = new byte[last.Length];
        file.Position = end - last.Length;
        return file.ReadAtLeast(there, there.Length, throwOnEndOfStream: false) == there.Length && there.AsSpan().SequenceEqual(last);
    }
}
