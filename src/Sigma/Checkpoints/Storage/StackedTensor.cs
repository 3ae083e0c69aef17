using Sigma.Torch;

namespace Sigma.Checkpoints.Storage;

/// <summary>Tensors one after another along the first dimension.</summary>
internal sealed class StackedTensor : StoredTensor
{
    readonly IReadOnlyList<StoredTensor> parts;

    public StackedTensor(IReadOnlyList<StoredTensor> parts) : base(TypeOf(parts), ShapeOf(parts), TensorLayout.Contiguous(ShapeOf(parts))) =>
        this.parts = parts;

    private protected override void Read(Span<byte> destination)
    {
        foreach (var part in parts)
        {
            part.ReadContiguous(destination[..(int)part.ByteLength]);
            destination = destination[(int)part.ByteLength..];
        }
    }

    private protected override StoredTensor Slice(long firstRow, long[] shape)
    {
        var kept = new List<StoredTensor>();
        var end = firstRow + shape[0];
        var start = 0L;
        foreach (var part in parts)
        {
            var from = Math.Max(firstRow, start);
            var to = Math.Min(end, start + part.Shape[0]);
            if (from < to) kept.Add(part.Rows(from - start, to - from));
            start += part.Shape[0];
        }
        return kept.Count == 0 ? parts[0].Rows(0, 0) : new StackedTensor(kept);
    }

    static ScalarType TypeOf(IReadOnlyList<StoredTensor> parts)
    {
        if (parts.Count == 0) throw new ArgumentException("no tensors to stack", nameof(parts));
        if (parts.FirstOrDefault(p => p.Type != parts[0].Type) is { } other)
            throw new ArgumentException($"{other.Type} does not stack on {parts[0].Type}", nameof(parts));
        return parts[0].Type;
    }

    static long[] ShapeOf(IReadOnlyList<StoredTensor> parts)
    {
        foreach (var part in parts)
            if (part.Shape.Length == 0 || !part.Shape.AsSpan(1).SequenceEqual(parts[0].Shape.AsSpan(1)))
                throw new ArgumentException(
                    $"[{string.Join(", ", part.Shape)}] does not stack on [{string.Join(", ", parts[0].Shape)}]", nameof(parts));
        return [parts.Sum(p => p.Shape[0]), .. parts[0].Shape.AsSpan(1)];
    }
}
