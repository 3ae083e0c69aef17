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
/// need the range stay in float32, by libtorch's own lists. Given float32 it does nothing.
/// </summary>
public readonly struct Autocast : IDisposable
{
    private readonly Device device;
    private readonly ScalarType type;

    /// <summary>Opens it for tensors of one kind of device.</summary>
    public Autocast(Device device, ScalarType type)
    {
        this.device = device;
        this.type = type;
        Set(true);
    }

    /// <summary>Switches it off for good or for a stretch in the middle, such as a loss in float32.</summary>
    public void Dispose() => Set(false);

    private void Set(bool enabled)
    {
        if (type != ScalarType.Float32)
            Native.Check(Native.st_autocast((int)device.Type, enabled ? 1 : 0, (int)type), "autocast");
    }
}
