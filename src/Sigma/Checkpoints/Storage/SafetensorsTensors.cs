using System.Buffers.Binary;
using Sigma.Torch;

namespace Sigma.Checkpoints.Storage;

/// <summary>The tensors of a safetensors file as stored tensors. The header is <see cref="SafetensorsFile"/>'s to understand;
/// the elements are read at their place in the file when they are asked for.</summary>
internal static class SafetensorsTensors
{
    /// <summary>Reads the header.</summary>
    /// <exception cref="CheckpointFormatException">It does not agree with itself or with the file.</exception>
    public static (OrderedDictionary<string, StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(ByteSource source)
    {
        try
        {
            using var file = SafetensorsFile.Open(source.Name);
            Span<byte> length = stackalloc byte[8];
            source.Read(0, length);
            var dataStart = 8 + BinaryPrimitives.ReadInt64LittleEndian(length);
            var tensors = new OrderedDictionary<string, StoredTensor>(StringComparer.Ordinal);
            foreach (var (name, entry) in file.Entries.OrderBy(e => e.Value.Start))
                tensors.Add(name, Tensor(source, entry, dataStart));
            return (tensors, file.Metadata);
        }
        catch (InvalidDataException broken)
        {
            // Its message begins with the file's name, as this one's does.
            var what = broken.Message.StartsWith(source.Name, StringComparison.Ordinal) ? broken.Message[source.Name.Length..].TrimStart() : broken.Message;
            throw new CheckpointFormatException(source.Name, 0, what, broken);
        }
    }

    static StridedTensor Tensor(ByteSource source, SafetensorsEntry entry, long dataStart)
    {
        var storage = new StoredStorage(source, entry.Type, (entry.End - entry.Start) / entry.Type.Size(), dataStart + entry.Start);
        var stride = TensorLayout.Contiguous(entry.Shape);
        if (TensorLayout.Fault(entry.Shape, stride, 0, entry.Type.Size(), storage.ByteLength) is { } fault)
            throw source.Fault(dataStart, fault);
        return new StridedTensor(storage, entry.Type, 0, entry.Shape, stride);
    }
}
