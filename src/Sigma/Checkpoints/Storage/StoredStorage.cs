using Sigma.Torch;

namespace Sigma.Checkpoints.Storage;

/// <summary>A run of elements in a checkpoint, shared by the tensors that view it. Never read as a whole.</summary>
internal sealed class StoredStorage(ByteSource source, ScalarType type, long elementCount, long position, bool bigEndian = false)
{
    /// <summary>Position of a storage that stands somewhere behind the pickle, not known yet.</summary>
    public const long Unplaced = -1;

    public ScalarType Type => type;

    public long ElementCount => elementCount;

    public long ByteLength => elementCount * type.Size();

    public ByteSource Source => source;

    /// <summary>Byte of the source at which the elements start.</summary>
    public long Position { get; set; } = position;

    /// <summary>The part of another storage that old files describe as a view.</summary>
    public StoredStorage? Root { get; init; }

    /// <summary>First element of <see cref="Root"/> that the view shows.</summary>
    public long RootOffset { get; init; }

    /// <summary>Reads bytes of the storage, turned to little-endian elements of the given size.</summary>
    public void Read(long byteOffset, Span<byte> destination, int elementSize)
    {
        if (Root is { } root)
        {
            root.Read(RootOffset * type.Size() + byteOffset, destination, elementSize);
            return;
        }
        source.Read(Position + byteOffset, destination);
        if (!bigEndian || elementSize == 1) return;
        for (var i = 0; i + elementSize <= destination.Length; i += elementSize) destination.Slice(i, elementSize).Reverse();
    }
}
