using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text.Json;

namespace Sigma.Torch;

/// <summary>A tensor in a safetensors file: its type, its shape, and where its bytes are in the data part.</summary>
public sealed record SafetensorsEntry(ScalarType Type, long[] Shape, long Start, long End);

/// <summary>
/// A safetensors file, memory-mapped: eight bytes of header length, a JSON header, data. Everything the header
/// claims is checked against the file before any of it is used.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    // A header of a hundred thousand tensors. More would only serve to fill the memory of the reader.
    private const long LargestHeader = 16_000_000;

    private const int MostDimensions = 64; // as libtorch has

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

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* data;
    private readonly Dictionary<string, SafetensorsEntry> entries = [];
    private readonly Dictionary<string, string> metadata = [];

    private SafetensorsFile(string path)
    {
        Path = path;
        var length = new FileInfo(path).Length;
        if (length < 8)
            throw Broken($"has {length} bytes, too few for a header");
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            var header = BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(start, 8));
            if (header < 2 || header > LargestHeader || header > length - 8)
                throw Broken($"claims a header of {header} bytes in a file of {length}");
            data = start + 8 + header;
            ReadHeader(new ReadOnlySpan<byte>(start + 8, (int)header), length - 8 - header);
        }
        catch (Exception failure) when (failure is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            Dispose();
            throw Broken(failure.Message);
        }
        catch (InvalidDataException)
        {
            Dispose();
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

    /// <summary>A copy of one tensor in main memory.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public Tensor Read(string name)
    {
        var bytes = Bytes(name);
        var entry = entries[name];
        var tensor = Tensor.Empty(entry.Shape, entry.Type);
        bytes.CopyTo(new Span<byte>((void*)tensor.DataPointer, bytes.Length));
        return tensor;
    }

    /// <summary>Copies of all tensors, or of those whose name starts with a prefix, which is taken off.</summary>
    public Dictionary<string, Tensor> ReadAll(string prefix = "") => entries.Keys
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(name => name[prefix.Length..], Read);

    /// <summary>The bytes of one tensor, in the mapped file itself; valid until the file is closed.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="InvalidDataException">It has more bytes than a span can have, 2 GiB.</exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        if (!entries.TryGetValue(name, out var entry))
            throw new KeyNotFoundException($"{Path} holds no tensor '{name}'");
        var length = entry.End - entry.Start;
        return length <= int.MaxValue
            ? new ReadOnlySpan<byte>(data + entry.Start, (int)length)
            : throw new InvalidDataException($"{Path} holds {length} bytes under '{name}', more than are read at once");
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        if (view is not null && !view.SafeMemoryMappedViewHandle.IsClosed)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }
        file?.Dispose();
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
    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var list = tensors.ToList();
        Write(path, [.. list.Select(t => (t.Name, t.Value.Type, t.Value.Shape))], WriteElements, metadata);

        void WriteElements(int number, Stream stream)
        {
            using var scope = new TensorScope();
            var plain = F.Contiguous(F.To(F.Detach(list[number].Value), Device.Cpu));
            stream.Write(new ReadOnlySpan<byte>((void*)plain.DataPointer, checked((int)(plain.Elements * plain.Type.Size()))));
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
