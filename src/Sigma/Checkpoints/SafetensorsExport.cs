using System.Text.Json;
using Sigma.Torch;

namespace Sigma.Checkpoints;

/// <summary>Writes stored tensors as safetensors, straight from file to file.</summary>
public static class SafetensorsExport
{
    /// <summary>Writes tensors in the order given.</summary>
    /// <param name="path">The file, overwritten.</param>
    /// <param name="tensors">Names and tensors; read one at a time.</param>
    /// <param name="metadata">Notes for the header. transformers wants <c>format: pt</c>.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, StoredTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var header = Header(tensors, metadata);
        var padding = (8 - header.Length % 8) % 8; // the elements start at a multiple of eight
        stream.Write(BitConverter.GetBytes((long)(header.Length + padding)));
        stream.Write(header);
        for (var i = 0; i < padding; i++) stream.WriteByte((byte)' ');
        foreach (var tensor in tensors.Values) stream.Write(tensor.ReadContiguous());
    }

    static byte[] Header(IReadOnlyDictionary<string, StoredTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            var start = 0L;
            foreach (var (name, tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", DtypeOf(tensor.Type));
                Longs(json, "shape", tensor.Shape);
                Longs(json, "data_offsets", [start, start + tensor.ByteLength]);
                json.WriteEndObject();
                start += tensor.ByteLength;
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    static void Longs(Utf8JsonWriter json, string name, long[] values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    static string DtypeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 => "F64",
        ScalarType.Float32 => "F32",
        ScalarType.Float16 => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Int64 => "I64",
        ScalarType.Int32 => "I32",
        ScalarType.Int16 => "I16",
        ScalarType.Int8 => "I8",
        ScalarType.UInt8 => "U8",
        ScalarType.Bool => "BOOL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such element type"),
    };
}
