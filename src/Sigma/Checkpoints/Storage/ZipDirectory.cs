using System.Buffers.Binary;
using System.Text;

namespace Sigma.Checkpoints.Storage;

/// <summary>The table of contents of a zip file, with zip64, and where each stored entry lies. Entries are not unpacked:
/// PyTorch stores tensors as they are, and a compressed entry is refused.</summary>
internal sealed class ZipDirectory
{
    const int MaxDirectoryBytes = 64 << 20;
    const int MaxEntries = 200_000;
    const uint EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50;
    const uint EntrySignature = 0x02014b50, LocalSignature = 0x04034b50;

    readonly ByteSource source;
    readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    readonly long directoryStart;

    readonly record struct Entry(long HeaderOffset, long Length);

    ZipDirectory(ByteSource source)
    {
        this.source = source;
        (directoryStart, var length, var end) = FindDirectory();
        if (directoryStart < 0 || length < 0 || length > MaxDirectoryBytes || directoryStart > end - length)
            throw source.Fault(end, "the zip directory does not lie inside of the file");
        ReadEntries(length);
    }

    /// <summary>Names of all entries.</summary>
    public IReadOnlyCollection<string> Names => entries.Keys;

    /// <summary>Reads the table of contents.</summary>
    /// <exception cref="CheckpointFormatException">It is missing or does not agree with the file.</exception>
    public static ZipDirectory Read(ByteSource source) => new(source);

    /// <summary>Where the bytes of an entry lie, or null where there is no such entry.</summary>
    public (long Start, long Length)? Find(string name)
    {
        if (!entries.TryGetValue(name, out var entry)) return null;
        Span<byte> header = stackalloc byte[30];
        source.Read(entry.HeaderOffset, header);
        if (U32(header, 0) != LocalSignature) throw source.Fault(entry.HeaderOffset, $"the zip entry '{name}' does not start here");
        var start = entry.HeaderOffset + 30 + U16(header, 26) + U16(header, 28);
        if (start > directoryStart - entry.Length)
            throw source.Fault(entry.HeaderOffset, $"the zip entry '{name}' of {entry.Length} bytes runs past the end of the data");
        return (start, entry.Length);
    }

    (long Start, long Length, long End) FindDirectory()
    {
        var tail = new byte[Math.Min(source.Length, 22 + ushort.MaxValue)];
        var tailStart = source.Length - tail.Length;
        source.Read(tailStart, tail);
        for (var i = tail.Length - 22; i >= 0; i--)
        {
            var record = tail.AsSpan(i);
            if (U32(record, 0) != EndSignature || U16(record, 20) != record.Length - 22) continue;
            var end = tailStart + i;
            return FindDirectory64(end) ?? (U32(record, 16), U32(record, 12), end);
        }
        throw source.Fault(source.Length, "the zip file has no directory, its end is missing: fetch or copy it again");
    }

    (long Start, long Length, long End)? FindDirectory64(long end)
    {
        if (end < 20) return null;
        Span<byte> locator = stackalloc byte[20];
        source.Read(end - 20, locator);
        if (U32(locator, 0) != Locator64Signature) return null;
        var at = (long)U64(locator, 8);
        Span<byte> record = stackalloc byte[56];
        if (at < 0 || at > end - 20 - record.Length) throw source.Fault(end - 20, "the zip64 directory does not lie inside of the file");
        source.Read(at, record);
        if (U32(record, 0) != End64Signature) throw source.Fault(at, "the zip64 directory does not start here");
        return ((long)U64(record, 48), (long)U64(record, 40), at);
    }

    void ReadEntries(long length)
    {
        var directory = new byte[length];
        source.Read(directoryStart, directory);
        ReadOnlySpan<byte> left = directory;
        while (left.Length > 0)
        {
            var at = directoryStart + directory.Length - left.Length;
            if (left.Length < 46 || U32(left, 0) != EntrySignature) throw source.Fault(at, "the zip directory is damaged");
            var (nameLength, extraLength, commentLength) = (U16(left, 28), U16(left, 30), U16(left, 32));
            if (left.Length < 46 + nameLength + extraLength + commentLength) throw source.Fault(at, "an entry of the zip directory is cut off");
            var name = Encoding.UTF8.GetString(left.Slice(46, nameLength));
            if ((U16(left, 8) & 1) != 0) throw source.Fault(at, $"the zip entry '{name}' is encrypted");
            var (packed, unpacked, offset) = Sizes(left, left.Slice(46 + nameLength, extraLength), at);
            if (U16(left, 10) != 0 || packed != unpacked)
                throw source.Fault(at, $"the zip entry '{name}' is compressed; checkpoints are stored, pack it again without compression");
            if (offset < 0 || packed < 0 || offset > directoryStart || packed > directoryStart - offset)
                throw source.Fault(at, $"the zip entry '{name}' does not lie inside of the file");
            if (entries.Count == MaxEntries) throw source.Fault(at, $"the zip file has more than {MaxEntries} entries");
            if (!entries.TryAdd(name, new Entry(offset, packed))) throw source.Fault(at, $"the zip file has two entries '{name}'");
            left = left[(46 + nameLength + extraLength + commentLength)..];
        }
    }

    /// <summary>Sizes and offset, with the 64-bit ones from the extra field where the 32-bit ones are full.</summary>
    (long Packed, long Unpacked, long Offset) Sizes(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra, long at)
    {
        long packed = U32(entry, 20), unpacked = U32(entry, 24), offset = U32(entry, 42);
        while (extra.Length >= 4)
        {
            var (id, size) = (U16(extra, 0), U16(extra, 2));
            if (size > extra.Length - 4) break;
            if (id == 1)
            {
                var field = extra.Slice(4, size);
                Widen(ref unpacked, ref field, at);
                Widen(ref packed, ref field, at);
                Widen(ref offset, ref field, at);
            }
            extra = extra[(4 + size)..];
        }
        return (packed, unpacked, offset);
    }

    void Widen(ref long value, ref ReadOnlySpan<byte> field, long at)
    {
        if (value != uint.MaxValue) return;
        if (field.Length < 8) throw source.Fault(at, "an entry of the zip directory lacks its 64-bit size");
        value = (long)U64(field, 0);
        field = field[8..];
    }

    static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
