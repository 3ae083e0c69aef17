using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sigma.Media.Native;

// These mirror native/media/sigma_media.h field by field; NativeLibraryLoader compares the sizes when the library loads.

internal enum Status
{
    Ok = 0,
    NotAVideo = 1,
    Undecodable = 2,
    Failed = 3,
}

[InlineArray(1008)]
internal struct ErrorText
{
    private byte first;
}

[InlineArray(64)]
internal struct NameText
{
    private byte first;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeError
{
    public Status Status;
    public int Frame;
    public int Decoded;
    private readonly int reserved;
    public ErrorText Text;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeVideoInfo
{
    public int Width, Height, CodedWidth, CodedHeight;
    public int Rotation;
    public int HeaderFrames;
    public int Stream;
    public int Stride;
    public double SampleAspectRatio;
    public double FrameRate;
    public double Duration;
    public NameText Container;
    public NameText Codec;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMotion
{
    public MotionVector* Vectors;
    public long* Offsets;
    public int FromBlockMatching;
    private readonly int reserved;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeWriterOptions
{
    public int Crf;
    public int KeyFrames;
    public int BFrames;
    public int Threads;
    public int Mpeg4;
    private readonly int reserved;
    public byte* Preset;
    public byte* X264Params;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativePackOptions
{
    public int Stride;
    public int ShortSide;
    public int Crf;
    private readonly int reserved;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePacked
{
    public byte* Bytes;
    public nuint Size;
    public int Frames, Width, Height;
    private readonly int reserved;
    public double SquaredError;
    public long Samples;
}

internal static class NativeText
{
    /// <summary>The text up to the closing zero.</summary>
    public static string Read(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
