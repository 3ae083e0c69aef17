using Sigma.Media;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>Refuses, before work starts, settings that this version or this device cannot carry out.</summary>
internal static class RunnableHere
{
    /// <exception cref="BadInputException">A setting would be ignored or fail; names it and what to use instead.</exception>
    public static void Require(Precision precision, Device device)
    {
        if (precision == Precision.Fp16 && device.Type == DeviceType.Cpu)
            throw new BadInputException("precision is fp16, which needs a GPU: on the CPU give --set precision=bf16, or --set precision=float32");
    }

    /// <exception cref="BadInputException">The GPU shall decode and cannot; says what is missing.</exception>
    public static void Require(DataRecipe data, Device device)
    {
        if (data.Nvdec(device) is { } gpu && MediaEngine.WhyNoNvdec(gpu) is { } missing)
            throw new BadInputException($"data.decoder is nvdec, which is not to be had here: {missing}. Without it give --set data.decoder=cpu");
    }
}
