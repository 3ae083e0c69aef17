namespace Sigma.Torch;

/// <summary>
/// One argument of an operator: converts by itself from what operators take. A null tensor, and
/// <see cref="None"/>, stand for an optional argument that is not given.
/// </summary>
public readonly struct Arg
{
    internal readonly ValueTag Tag;
    internal readonly long Bits;
    internal readonly object? Reference;

    private Arg(ValueTag tag, long bits, object? reference = null) => (Tag, Bits, Reference) = (tag, bits, reference);

    /// <summary>An optional argument that is not given.</summary>
    public static Arg None => default;

    /// <summary>A tensor, or none.</summary>
    public static implicit operator Arg(Tensor? tensor) => tensor is null ? default : new(ValueTag.Tensor, tensor.Handle, tensor);

    /// <summary>A whole number.</summary>
    public static implicit operator Arg(int value) => new(ValueTag.Int, value);

    /// <summary>A whole number.</summary>
    public static implicit operator Arg(long value) => new(ValueTag.Int, value);

    /// <summary>A real number.</summary>
    public static implicit operator Arg(double value) => new(ValueTag.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Yes or no.</summary>
    public static implicit operator Arg(bool value) => new(ValueTag.Bool, value ? 1 : 0);

    /// <summary>A list of whole numbers, such as a shape.</summary>
    public static implicit operator Arg(long[] values) => new(ValueTag.IntList, 0, values);

    /// <summary>A list of tensors; a null among them is an optional one not given.</summary>
    public static implicit operator Arg(Tensor?[] tensors) => new(ValueTag.TensorList, 0, tensors);

    /// <summary>A string, such as a rounding mode.</summary>
    public static implicit operator Arg(string text) => new(ValueTag.String, 0, text);

    /// <summary>An element type.</summary>
    public static implicit operator Arg(ScalarType type) => new(ValueTag.Int, (int)type);

    /// <summary>A device.</summary>
    public static implicit operator Arg(Device device) => new(ValueTag.Device, (uint)device.Type | ((long)device.Index << 32));

    /// <summary>How the argument is shown in an error: type and shape of tensors, values of the rest.</summary>
    public override string ToString() => Reference switch
    {
        Tensor tensor => tensor.ToString(),
        long[] values => $"[{string.Join(", ", values)}]",
        Tensor?[] tensors => $"{tensors.Length} tensors",
        string text => $"'{text}'",
        _ => Tag switch
        {
            ValueTag.None => "none",
            ValueTag.Bool => Bits != 0 ? "true" : "false",
            ValueTag.Double => BitConverter.Int64BitsToDouble(Bits).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
            ValueTag.Device => new Device((DeviceType)(int)Bits, (int)(Bits >> 32)).ToString(),
            _ => Bits.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    };
}
