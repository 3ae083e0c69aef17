namespace Sigma.Checkpoints.Storage;

/// <summary>Arithmetic of shapes and strides that come from a file and may say anything.</summary>
internal static class TensorLayout
{
    public const int MaxDimensions = 64;

    /// <summary>Strides that repeat elements (an expanded tensor) may make this much more than the storage holds, and no more.</summary>
    const long MaxExpandedBytes = 16 << 20;

    /// <summary>Elements of a shape, or -1 where the shape is not one: a negative size, or more bytes than a signed 64-bit number counts.</summary>
    public static long Count(ReadOnlySpan<long> shape, int elementSize)
    {
        var empty = false;
        foreach (var size in shape)
        {
            if (size < 0) return -1;
            empty |= size == 0;
        }
        if (empty) return 0;
        UInt128 count = 1;
        foreach (var size in shape)
        {
            count *= (UInt128)size;
            if (count * (UInt128)elementSize > long.MaxValue) return -1;
        }
        return (long)count;
    }

    /// <summary>Strides of the shape laid out row by row. The shape has been counted before.</summary>
    public static long[] Contiguous(ReadOnlySpan<long> shape)
    {
        var stride = new long[shape.Length];
        var step = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            stride[i] = step;
            step *= Math.Max(shape[i], 1);
        }
        return stride;
    }

    /// <summary>True when the elements lie row by row without gaps.</summary>
    public static bool IsContiguous(ReadOnlySpan<long> shape, ReadOnlySpan<long> stride)
    {
        var step = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] == 0) return true;
            if (shape[i] != 1 && stride[i] != step) return false;
            step *= shape[i];
        }
        return true;
    }

    /// <summary>Elements from the first to the last one inclusive. The layout has been checked before.</summary>
    public static long Span(ReadOnlySpan<long> shape, ReadOnlySpan<long> stride)
    {
        var last = 0L;
        for (var i = 0; i < shape.Length; i++)
        {
            if (shape[i] == 0) return 0;
            last += (shape[i] - 1) * stride[i];
        }
        return last + 1;
    }

    /// <summary>What is wrong with a tensor inside a storage of <paramref name="storageBytes"/>, or null.</summary>
    public static string? Fault(
        ReadOnlySpan<long> shape, ReadOnlySpan<long> stride, long offset, int elementSize, long storageBytes)
    {
        if (shape.Length != stride.Length) return $"a tensor has {shape.Length} sizes but {stride.Length} strides";
        if (shape.Length > MaxDimensions) return $"a tensor has {shape.Length} dimensions, at most {MaxDimensions} are read";
        var count = Count(shape, elementSize);
        if (count < 0) return $"[{string.Join(", ", shape.ToArray())}] is not the shape of a tensor";
        if (offset < 0) return $"a tensor starts at element {offset} of its storage";
        UInt128 end = (UInt128)offset;
        for (var i = 0; i < shape.Length; i++)
        {
            if (stride[i] < 0) return $"a tensor has the stride {stride[i]}, strides cannot be negative";
            if (count > 0) end += (UInt128)(shape[i] - 1) * (UInt128)stride[i];
        }
        if (count > 0) end += 1;
        if (end > (UInt128)(storageBytes / elementSize))
            return $"a tensor ends at element {end} of a storage of {storageBytes / elementSize}";
        if (count * elementSize > Math.Max(storageBytes, MaxExpandedBytes))
            return $"a tensor repeats a storage of {storageBytes} bytes until it has {count * elementSize}";
        return null;
    }
}
