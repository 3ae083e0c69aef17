namespace Sigma.Torch;

/// <summary>While it is open, operators on this thread record nothing for backward.</summary>
public readonly struct NoGrad : IDisposable
{
    private readonly bool before;

    /// <summary>Switches recording off.</summary>
    public NoGrad() => before = Native.st_grad_mode(0) != 0;

    /// <summary>Goes back to what was before.</summary>
    public void Dispose() => _ = Native.st_grad_mode(before ? 1 : 0);
}

/// <summary>
/// While it is open, matrix products on this thread run in a smaller type (bf16 or fp16) and the operators that
/// need the range stay in float32, by libtorch's own lists. Opened for float32 it switches autocast off for a
/// stretch in the middle, such as scores whose exponentials would overflow; on a GPU the products of such a stretch
/// round what they multiply to TF32, whose 10 bits are more than what the products around them keep, since without
/// that they take several times as long.
/// </summary>
public readonly struct Autocast : IDisposable
{
    private readonly Device device;
    private readonly int before;
    private readonly int roundedBefore;

    /// <summary>Opens it for tensors of one kind of device.</summary>
    public Autocast(Device device, ScalarType type)
    {
        this.device = device;
        before = Native.st_autocast_type((int)device.Type);
        Set((int)type);
        if (RoundsOnGpu)
            roundedBefore = Native.st_tensor_float32(1);
    }

    /// <summary>Goes back to what was before.</summary>
    public void Dispose()
    {
        if (RoundsOnGpu)
            _ = Native.st_tensor_float32(roundedBefore);
        Set(before);
    }

    /// <summary>Only a stretch within a smaller type is rounded: a float32 run stays one.</summary>
    private bool RoundsOnGpu => device.IsCuda && before != (int)ScalarType.Float32;

    private void Set(int type) => Native.Check(
        Native.st_autocast((int)device.Type, type != (int)ScalarType.Float32 ? 1 : 0, type != (int)ScalarType.Float32 ? type : (int)ScalarType.BFloat16), "autocast");
}
