using Sigma.Torch;

namespace Sigma.Checkpoints.Storage;

/// <summary>A tensor that views a storage with any strides. The caller has checked the layout with <see cref="TensorLayout"/>.</summary>
internal sealed class StridedTensor(StoredStorage storage, ScalarType type, long offset, long[] shape, long[] stride)
    : StoredTensor(type, shape, stride)
{
    /// <summary>Elements that are not next to one another are picked from one read of the range they span, up to this length.</summary>
    const long MaxSpanBytes = 1L << 30;

    private protected override void Read(Span<byte> destination)
    {
        var size = Type.Size();
        if (TensorLayout.IsContiguous(Shape, Stride))
        {
            storage.Read(offset * size, destination, size);
            return;
        }
        var spanBytes = TensorLayout.Span(Shape, Stride) * size;
        if (spanBytes > MaxSpanBytes)
            throw storage.Source.Fault(storage.Position, $"the elements of a tensor are spread over {spanBytes} bytes");
        var range = new byte[spanBytes];
        storage.Read(offset * size, range, size);
        Gather(range, destination, size);
    }

    /// <summary>Copies element by element in row order, counting the indices up like an odometer.</summary>
    void Gather(ReadOnlySpan<byte> range, Span<byte> destination, int size)
    {
        var index = new long[Shape.Length];
        var from = 0L;
        for (var to = 0; to < destination.Length; to += size)
        {
            range.Slice((int)from * size, size).CopyTo(destination[to..]);
            for (var d = Shape.Length - 1; d >= 0; d--)
            {
                from += Stride[d];
                if (++index[d] < Shape[d]) break;
                from -= Stride[d] * Shape[d];
                index[d] = 0;
            }
        }
    }

    private protected override StoredTensor Slice(long firstRow, long[] shape) =>
        new StridedTensor(storage, Type, offset + firstRow * Stride[0], shape, Stride);
}
