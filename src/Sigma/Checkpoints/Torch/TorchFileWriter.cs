using System.IO.Compression;
using System.Text;
using Sigma.Torch;

namespace Sigma.Checkpoints.Torch;

/// <summary>Writes tensors as <c>torch.save</c> does since PyTorch 1.6, for code that reads nothing else.</summary>
public static class TorchFileWriter
{
    /// <summary>Writes a dictionary of tensors, each with a storage of its own.</summary>
    /// <param name="path">The file, overwritten.</param>
    /// <param name="tensors">Names and tensors; read one at a time.</param>
    /// <param name="root">Key under which to put them (<c>model</c> as published); empty for the dictionary itself.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, StoredTensor> tensors, string root = "model")
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        var folder = Path.GetFileNameWithoutExtension(path) + "/";
        Entry(zip, folder + "data.pkl", Pickle(tensors, root));
        Entry(zip, folder + "byteorder", "little"u8);
        var key = 0;
        foreach (var tensor in tensors.Values)
            Entry(zip, FormattableString.Invariant($"{folder}data/{key++}"), tensor.ReadContiguous());
        Entry(zip, folder + "version", "3\n"u8);
    }

    static void Entry(ZipArchive zip, string name, ReadOnlySpan<byte> bytes)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the same tensors give the same file
        using var stream = entry.Open();
        stream.Write(bytes);
    }

    static byte[] Pickle(IReadOnlyDictionary<string, StoredTensor> tensors, string root)
    {
        using var stream = new MemoryStream();
        using var pickle = new BinaryWriter(stream);
        pickle.Write([0x80, 2]); // protocol
        pickle.Write((byte)'}');
        if (root.Length > 0)
        {
            Text(pickle, root);
            pickle.Write((byte)'}');
        }
        pickle.Write((byte)'(');
        var key = 0L;
        foreach (var (name, tensor) in tensors)
        {
            Text(pickle, name);
            Tensor(pickle, tensor, key++);
        }
        pickle.Write((byte)'u');
        if (root.Length > 0) pickle.Write((byte)'s');
        pickle.Write((byte)'.');
        pickle.Flush();
        return stream.ToArray();
    }

    /// <summary><c>_rebuild_tensor_v2(storage, 0, sizes, strides, False, OrderedDict())</c>.</summary>
    static void Tensor(BinaryWriter pickle, StoredTensor tensor, long key)
    {
        Global(pickle, "torch._utils", "_rebuild_tensor_v2");
        pickle.Write("(("u8);
        Text(pickle, "storage");
        Global(pickle, "torch", StorageName(tensor.Type));
        Text(pickle, FormattableString.Invariant($"{key}"));
        Text(pickle, "cpu");
        Integer(pickle, tensor.ElementCount);
        pickle.Write("tQ"u8);
        Integer(pickle, 0);
        Tuple(pickle, tensor.Shape);
        Tuple(pickle, Storage.TensorLayout.Contiguous(tensor.Shape));
        pickle.Write((byte)0x89); // requires no gradient
        Global(pickle, "collections", "OrderedDict");
        pickle.Write(")RtR"u8);
    }

    static void Tuple(BinaryWriter pickle, long[] values)
    {
        pickle.Write((byte)'(');
        foreach (var value in values) Integer(pickle, value);
        pickle.Write((byte)'t');
    }

    static void Integer(BinaryWriter pickle, long value)
    {
        pickle.Write([0x8a, 8]); // an integer of eight bytes
        pickle.Write(value);
    }

    static void Text(BinaryWriter pickle, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        pickle.Write((byte)'X');
        pickle.Write(bytes.Length);
        pickle.Write(bytes);
    }

    static void Global(BinaryWriter pickle, string module, string name) =>
        pickle.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    static string StorageName(ScalarType type) => type switch
    {
        ScalarType.Float64 => "DoubleStorage",
        ScalarType.Float32 => "FloatStorage",
        ScalarType.Float16 => "HalfStorage",
        ScalarType.BFloat16 => "BFloat16Storage",
        ScalarType.Int64 => "LongStorage",
        ScalarType.Int32 => "IntStorage",
        ScalarType.Int16 => "ShortStorage",
        ScalarType.Int8 => "CharStorage",
        ScalarType.UInt8 => "ByteStorage",
        ScalarType.Bool => "BoolStorage",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such element type"),
    };
}
