using Sigma.Checkpoints.Storage;
using Sigma.Torch;

namespace Sigma.Checkpoints;

/// <summary>A tensor in a checkpoint file: its type and shape are known, its elements are read when they are asked for, as
/// long as the file it came from is open.</summary>
public abstract class StoredTensor
{
    private protected StoredTensor(ScalarType type, long[] shape, long[] stride)
    {
        Type = type;
        Shape = shape;
        Stride = stride;
        ElementCount = TensorLayout.Count(shape, type.Size());
    }

    /// <summary>Type of the elements.</summary>
    public ScalarType Type { get; }

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>Elements between neighbours along each dimension, as stored. Reading gives them row by row whatever this says.</summary>
    public long[] Stride { get; }

    /// <summary>Number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>Bytes that the elements take row by row.</summary>
    public long ByteLength => ElementCount * Type.Size();

    /// <summary>Reads all elements row by row, little-endian.</summary>
    /// <param name="destination">Exactly <see cref="ByteLength"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="CheckpointFormatException">The file ended early.</exception>
    public void ReadContiguous(Span<byte> destination)
    {
        if (destination.Length != ByteLength)
            throw new ArgumentException($"the tensor takes {ByteLength} bytes, the destination has {destination.Length}", nameof(destination));
        if (destination.Length > 0) Read(destination);
    }

    /// <summary>Reads all elements row by row, little-endian, into a new array.</summary>
    public byte[] ReadContiguous()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)ByteLength));
        ReadContiguous(bytes);
        return bytes;
    }

    /// <summary>Reads all elements into a tensor in main memory.</summary>
    public Tensor ToTensor()
    {
        var tensor = Tensor.Empty(Shape, Type);
        ReadContiguous(tensor.Bytes);
        return tensor;
    }

    /// <summary>A part along the first dimension, without reading or copying.</summary>
    /// <param name="start">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such rows.</exception>
    public StoredTensor Rows(long start, long count)
    {
        if (Shape.Length == 0 || start < 0 || count < 0 || start > Shape[0] - count)
            throw new ArgumentOutOfRangeException(nameof(start), $"no rows {start}..{start + count} in [{string.Join(", ", Shape)}]");
        return Slice(start, [count, .. Shape.AsSpan(1)]);
    }

    /// <summary>A tensor over bytes in memory, laid out row by row, little-endian.</summary>
    /// <exception cref="ArgumentException">Shape and number of bytes do not agree.</exception>
    public static StoredTensor FromBytes(ScalarType type, long[] shape, byte[] bytes)
    {
        var count = TensorLayout.Count(shape, type.Size());
        if (count * type.Size() != bytes.Length)
            throw new ArgumentException($"{type} [{string.Join(", ", shape)}] does not take {bytes.Length} bytes", nameof(bytes));
        var storage = new StoredStorage(new MemoryBytes("memory", bytes), type, count, 0);
        return new StridedTensor(storage, type, 0, shape, TensorLayout.Contiguous(shape));
    }

    /// <summary>Tensors one after another along the first dimension, without reading or copying.</summary>
    /// <exception cref="ArgumentException">Types or the other dimensions differ.</exception>
    public static StoredTensor Stack(IReadOnlyList<StoredTensor> parts) => new StackedTensor(parts);

    private protected abstract void Read(Span<byte> destination);

    private protected abstract StoredTensor Slice(long firstRow, long[] shape);
}
