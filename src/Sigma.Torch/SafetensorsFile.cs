using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Sigma.Torch;

/// <summary>A tensor in a safetensors file: its type, its shape, and where its bytes are in the data part.</summary>
public sealed record SafetensorsEntry(ScalarType Type, long[] Shape, long Start, long End);

/// <summary>
/// A safetensors file: eight bytes of header length, a JSON header, data. Everything the header claims is checked against the file
/// before any of it is used; elements are read when they are asked for. It is not mapped into memory, since a file that is cut
/// short while it is mapped ends the program. Threads may read at the same time.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    // A header of a hundred thousand tensors. More would only serve to fill the memory of the reader.
    private const long LargestHeader = 16_000_000;

    private const int MostDimensions = 64; // as libtorch has

    // What is read or written at a time: a span has at most 2 GiB.
    private const int Block = 1 << 30;

    private static readonly Dictionary<string, ScalarType> Types = new()
    {
        ["U8"] = ScalarType.UInt8,
        ["I8"] = ScalarType.Int8,
        ["I16"] = ScalarType.Int16,
        ["I32"] = ScalarType.Int32,
        ["I64"] = ScalarType.Int64,
        ["F16"] = ScalarType.Float16,
        ["F32"] = ScalarType.Float32,
        ["F64"] = ScalarType.Float64,
        ["BOOL"] = ScalarType.Bool,
        ["BF16"] = ScalarType.BFloat16,
    };

    private readonly SafeFileHandle file;
    private readonly long dataStart;
    private readonly Dictionary<string, SafetensorsEntry> entries = [];
    private readonly Dictionary<string, string> metadata = [];

    private SafetensorsFile(string path)
    {
        Path = path;
        var length = new FileInfo(path).Length;
        if (length < 8)
            throw Broken($"has {length} bytes, too few for a header");
        file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            Span<byte> size = stackalloc byte[8];
            ReadAt(0, size);
            var header = BinaryPrimitives.ReadInt64LittleEndian(size);
            if (header < 2 || header > LargestHeader || header > length - 8)
                throw Broken($"claims a header of {header} bytes in a file of {length}");
            dataStart = 8 + header;
            var text = new byte[header];
            ReadAt(8, text);
            ReadHeader(text, length - dataStart);
        }
        catch (Exception failure)
        {
            Dispose();
            if (failure is JsonException or FormatException or OverflowException or InvalidOperationException)
                throw Broken(failure.Message);
            throw;
        }
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Every tensor by its name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => entries;

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InvalidDataException">It is not a whole safetensors file; the message names the file and what is wrong.</exception>
    public static SafetensorsFile Open(string path) => new(path);

    /// <summary>One tensor, in main memory.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="IOException">The file was cut short meanwhile, or cannot be read.</exception>
    public Tensor Read(string name) => Read(name, Block);

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="name">Of the tensor.</param>
    /// <param name="block">Bytes that are read at a time.</param>
    internal Tensor Read(string name, int block)
    {
        var entry = Entry(name);
        var tensor = Tensor.Empty(entry.Shape, entry.Type);
        try
        {
            foreach (var (at, bytes) in Blocks(entry.End - entry.Start, block))
                ReadAt(dataStart + entry.Start + at, new Span<byte>((byte*)tensor.DataPointer + at, bytes));
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Copies of all tensors, or of those whose name starts with a prefix, which is taken off.</summary>
    public Dictionary<string, Tensor> ReadAll(string prefix = "") => entries.Keys
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(name => name[prefix.Length..], Read);

    /// <summary>The bytes of one tensor.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="InvalidDataException">It has more bytes than an array can have, 2 GiB.</exception>
    /// <exception cref="IOException">The file was cut short meanwhile, or cannot be read.</exception>
    public byte[] Bytes(string name)
    {
        var entry = Entry(name);
        var length = entry.End - entry.Start;
        if (length > Array.MaxLength)
            throw new InvalidDataException($"{Path} holds {length} bytes under '{name}', more than are read at once");
        var bytes = new byte[length];
        Read(name, 0, bytes);
        return bytes;
    }

    /// <summary>Reads a stretch of the bytes of one tensor.</summary>
    /// <param name="name">Of the tensor.</param>
    /// <param name="first">The first byte, counted over the whole tensor.</param>
    /// <param name="bytes">Receives them.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such bytes.</exception>
    /// <exception cref="IOException">The file was cut short meanwhile, or cannot be read.</exception>
    public void Read(string name, long first, Span<byte> bytes)
    {
        var entry = Entry(name);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, entry.End - entry.Start - bytes.Length);
        ReadAt(dataStart + entry.Start + first, bytes);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    private SafetensorsEntry Entry(string name) =>
        entries.TryGetValue(name, out var entry) ? entry : throw new KeyNotFoundException($"{Path} holds no tensor '{name}'");

    private void ReadAt(long offset, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = RandomAccess.Read(file, bytes, offset);
            if (read == 0)
                throw new EndOfStreamException($"{Path} ends before byte {offset + bytes.Length}: it was cut short while it was read");
            offset += read;
            bytes = bytes[read..];
        }
    }

    private static IEnumerable<(long At, int Bytes)> Blocks(long length, int block)
    {
        for (var at = 0L; at < length; at += block)
            yield return (at, (int)Math.Min(block, length - at));
    }

    private void ReadHeader(ReadOnlySpan<byte> text, long dataLength)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 8, AllowTrailingCommas = false });
        using var document = JsonDocument.ParseValue(ref reader);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                foreach (var item in property.Value.EnumerateObject())
                    metadata[item.Name] = item.Value.GetString() ?? "";
                continue;
            }
            if (!entries.TryAdd(property.Name, ReadEntry(property.Name, property.Value, dataLength)))
                throw Broken($"names '{property.Name}' twice");
        }
        RequireFilled(dataLength);
    }

    // As the format demands: no byte belongs to two tensors, and none to no tensor.
    private void RequireFilled(long dataLength)
    {
        var at = 0L;
        foreach (var (name, entry) in entries.OrderBy(e => (e.Value.Start, e.Value.End)))
        {
            if (entry.Start != at)
                throw Broken($"places '{name}' at byte {entry.Start}, and the tensor before it ends at {at}");
            at = entry.End;
        }
        if (at != dataLength)
            throw Broken($"has {dataLength} bytes of data, and its tensors take {at}");
    }

    private SafetensorsEntry ReadEntry(string name, JsonElement element, long dataLength)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("dtype", out var dtype) ||
            !element.TryGetProperty("shape", out var shapes) || !element.TryGetProperty("data_offsets", out var offsets) ||
            offsets.GetArrayLength() != 2)
            throw Broken($"describes '{name}' without dtype, shape and data_offsets");
        if (!Types.TryGetValue(dtype.GetString() ?? "", out var type))
            throw Broken($"gives '{name}' the unknown type {dtype}");
        long[] shape = [.. shapes.EnumerateArray().Select(s => s.GetInt64())];
        var (start, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        if (shape.Length > MostDimensions)
            throw Broken($"gives '{name}' {shape.Length} dimensions, more than {MostDimensions}");
        long strides = type.Size(); // as if no length were 0, since strides are counted so
        foreach (var length in shape)
        {
            if (length < 0)
                throw Broken($"gives '{name}' a negative length");
            if (Math.BigMul(strides, Math.Max(length, 1), out strides) != 0 || strides < 0)
                throw Broken($"gives '{name}' a shape of more bytes than can be counted");
        }
        var bytes = shape.Contains(0) ? 0 : strides;
        return start >= 0 && start <= end && end <= dataLength && end - start == bytes
            ? new SafetensorsEntry(type, shape, start, end)
            : throw Broken($"places '{name}' at bytes {start} to {end} of {dataLength}, and its shape needs {bytes}");
    }

    private InvalidDataException Broken(string what) => new($"{Path} is not a whole safetensors file: it {what}");

    /// <summary>
    /// Writes tensors in the order given, converted to main memory one at a time. The bytes of the file depend on
    /// names, values and metadata only.
    /// </summary>
    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(path, tensors, Block, metadata);

    /// <inheritdoc cref="Write(string, IEnumerable{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string}?)"/>
    internal static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, int block, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var list = tensors.ToList();
        Write(path, [.. list.Select(t => (t.Name, t.Value.Type, t.Value.Shape))], WriteElements, metadata);

        void WriteElements(int number, Stream stream)
        {
            using var scope = new TensorScope();
            var plain = F.Contiguous(F.To(F.Detach(list[number].Value), Device.Cpu));
            foreach (var (at, bytes) in Blocks(plain.Elements * plain.Type.Size(), block))
                stream.Write(new ReadOnlySpan<byte>((byte*)plain.DataPointer + at, bytes));
        }
    }

    /// <summary>Writes tensors whose elements are handed over one tensor at a time, in the order given.</summary>
    /// <param name="path">The file, overwritten.</param>
    /// <param name="tensors">What the header tells.</param>
    /// <param name="elements">Writes all elements of the how-manieth tensor row by row, little-endian.</param>
    /// <param name="metadata">Notes for the header.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(
        string path, IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> tensors, Action<int, Stream> elements, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var header = Header(tensors, metadata);
        // The data part starts at a multiple of eight, as the format asks.
        var padded = (header.Length + 7) / 8 * 8;
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, padded);
        stream.Write(length);
        stream.Write(header);
        for (var i = header.Length; i < padded; i++)
            stream.WriteByte((byte)' ');
        for (var i = 0; i < tensors.Count; i++)
            elements(i, stream);
        stream.Flush(flushToDisk: true);
    }

    private static byte[] Header(IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var names = Types.ToDictionary(t => t.Value, t => t.Key);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            var offset = 0L;
            foreach (var (name, type, shape) in tensors)
            {
                var end = offset + shape.Aggregate((long)type.Size(), (bytes, size) => bytes * size);
                json.WriteStartObject(name);
                json.WriteString("dtype", names[type]);
                json.WriteStartArray("shape");
                foreach (var size in shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                offset = end;
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
