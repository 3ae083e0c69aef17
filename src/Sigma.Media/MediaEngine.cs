using System.Runtime.InteropServices;
using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>What the installed FFmpeg is and can do.</summary>
public static unsafe class MediaEngine
{
    /// <summary>FFmpeg's version, for example <c>5.1.9-0+deb12u1</c>.</summary>
    /// <exception cref="MediaLibraryException">The native library does not load.</exception>
    public static string Version => Marshal.PtrToStringUTF8((nint)MediaNative.EngineVersion()) ?? "unknown";

    /// <summary>FFmpeg's names of the video decoders it was built with.</summary>
    public static IReadOnlyList<string> VideoDecoders => ListDecoders();

    /// <summary>True where FFmpeg was built with libx264; otherwise videos are written as MPEG-4.</summary>
    public static bool HasH264Encoder => MediaNative.HasH264Encoder() != 0;

    /// <summary>
    /// Why the video decoder (NVDEC) of an NVIDIA GPU cannot be had: FFmpeg was built without it, or the driver, its video
    /// part or the GPU is missing; null where it can.
    /// </summary>
    /// <param name="gpu">the GPU's number, from 0, as CUDA counts</param>
    public static string? WhyNoNvdec(int gpu = 0)
    {
        NativeError error;
        return MediaNative.HasNvdec(gpu, &error) == Status.Ok ? null : NativeText.Read(error.Text);
    }

    private static List<string> ListDecoders()
    {
        var names = new List<string>();
        for (int i = 0; MediaNative.EngineDecoder(i) is var name && name != null; i++)
            names.Add(Marshal.PtrToStringUTF8((nint)name)!);
        return names;
    }
}
