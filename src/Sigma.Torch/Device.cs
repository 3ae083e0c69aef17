namespace Sigma.Torch;

/// <summary>Where tensors live, numbered as libtorch numbers them.</summary>
public enum DeviceType
{
    /// <summary>Main memory.</summary>
    Cpu = 0,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda = 1,
}

/// <summary>A device and which one of its kind.</summary>
public readonly record struct Device(DeviceType Type, int Index)
{
    /// <summary>Main memory.</summary>
    public static Device Cpu => new(DeviceType.Cpu, 0);

    /// <summary>The n-th NVIDIA GPU.</summary>
    public static Device Cuda(int index = 0) => new(DeviceType.Cuda, index);

    /// <summary>True for a GPU.</summary>
    public bool IsCuda => Type == DeviceType.Cuda;

    /// <summary>
    /// Reads <c>auto</c> (a GPU where there is one), <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The text is none of these, or there is no such device here.</exception>
    public static Device Parse(string text)
    {
        var count = Engine.CudaDevices;
        if (text == "auto")
            return count > 0 ? Cuda() : Cpu;
        if (text == "cpu")
            return Cpu;
        var index = 0;
        if (text != "cuda" && !(text.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), out index)))
            throw new ArgumentException($"no such device: '{text}'; use auto, cpu, cuda or cuda:N");
        return index < count
            ? Cuda(index)
            : throw new ArgumentException(count == 0
                ? $"'{text}' was asked for, but the engine ({Engine.Version}) sees no NVIDIA GPU here; use cpu or auto"
                : $"'{text}' was asked for, but the GPUs here are cuda:0 to cuda:{count - 1}");
    }

    /// <inheritdoc/>
    public override string ToString() => Type == DeviceType.Cpu ? "cpu" : $"cuda:{Index}";
}
