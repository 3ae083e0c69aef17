using System.Runtime.InteropServices;

namespace Sigma.Torch;

/// <summary>The engine as a whole: its version, its threads, its seed.</summary>
public static class Engine
{
    /// <summary>libtorch's version, for example 1.13.1.</summary>
    public static string Version { get; } = Marshal.PtrToStringUTF8(Native.st_engine_version()) ?? "";

    /// <summary>The widest instruction set of this processor that kernels use: SSE2, AVX2 or AVX-512.</summary>
    public static string CpuCapability { get; } = Marshal.PtrToStringUTF8(Native.st_cpu_capability()) ?? "";

    /// <summary>How many NVIDIA GPUs the engine sees; 0 for a CPU build.</summary>
    public static int CudaDevices { get; } = Native.st_cuda_devices();

    /// <summary>
    /// The most columns of scores that this engine's own kernels take on a GPU; 0 where it was built without a compiler for
    /// them, and with SIGMA_CUDA_KERNELS=0.
    /// </summary>
    public static long CudaKernelColumns { get; } = Native.st_kernel_columns();

    /// <summary>Threads that one operator may use, in ATen's own loops and in OpenBLAS.</summary>
    public static int Threads
    {
        get => Native.st_get_threads();
        set => Native.Check(Native.st_set_threads(value), "set threads");
    }

    /// <summary>Seeds libtorch's own generators. The method draws from its own; this covers operators that draw inside.</summary>
    public static void Seed(ulong seed) => Native.Check(Native.st_seed(seed), "seed");

    /// <summary>The most that tensors held on a device since <see cref="ForgetPeak"/>, or since the start; 0 for a GPU whose memory this engine cannot count.</summary>
    public static long PeakBytes(Device device = default) =>
        device.IsCuda ? Native.st_device_memory_peak(device.Index, 0) : Native.st_memory_peak(0);

    /// <summary>Counts the peak of a device from here.</summary>
    public static void ForgetPeak(Device device = default) =>
        _ = device.IsCuda ? Native.st_device_memory_peak(device.Index, 1) : Native.st_memory_peak(1);

    /// <summary>Waits until a device has done all that it was asked; the CPU always has.</summary>
    public static void Wait(Device device)
    {
        if (device.IsCuda)
            Native.Check(Native.st_synchronize(device.Index), "wait for the device");
    }
}
