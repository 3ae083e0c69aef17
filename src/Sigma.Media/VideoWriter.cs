using System.Runtime.InteropServices;
using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>How a video is encoded.</summary>
public sealed record VideoWriterOptions
{
    /// <summary>Constant rate factor of H.264, 0 (lossless) to 51 (worst); x264's own default is 23. MPEG-4 takes a quantiser of like quality.</summary>
    public int Crf { get; init; } = 23;

    /// <summary>Largest distance between key frames, in frames; x264's own default is 250.</summary>
    public int KeyFrameInterval { get; init; } = 250;

    /// <summary>Most B-frames in a row.</summary>
    public int BFrames { get; init; } = 3;

    /// <summary>x264's preset, from <c>ultrafast</c> to <c>veryslow</c>.</summary>
    public string Preset { get; init; } = "medium";

    /// <summary>Further x264 settings, <c>name=value:name=value</c>; unused where FFmpeg has no libx264.</summary>
    public string? X264Params { get; init; }

    /// <summary>Encoding threads; 1 gives the same bytes on every machine.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Write MPEG-4 even where libx264 is present, as where it is absent.</summary>
    internal bool Mpeg4 { get; init; }
}

/// <summary>
/// Writes RGB frames as H.264 (libx264; MPEG-4 where FFmpeg lacks it), yuv420p, BT.709. The container follows the
/// path's ending (.mp4, .mkv). The file appears under its name when <see cref="Finish"/> has returned; before, it is
/// written beside, and deleted again if it is never finished.
/// </summary>
public sealed unsafe class VideoWriter : IDisposable
{
    private readonly string path;
    private readonly int frameBytes;
    private readonly WriterHandle handle;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Where the video goes; an existing file is replaced at the end.</param>
    /// <param name="width">Width in pixels, even.</param>
    /// <param name="height">Height in pixels, even.</param>
    /// <param name="frameRate">Frames per second.</param>
    /// <param name="options">How to encode; null takes the defaults.</param>
    /// <exception cref="ArgumentException">A size is not positive and even, or the rate is not positive.</exception>
    /// <exception cref="MediaException">The file cannot be created, or the encoder refuses the settings.</exception>
    public VideoWriter(string path, int width, int height, double frameRate, VideoWriterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (width <= 0 || height <= 0 || width % 2 != 0 || height % 2 != 0)
            throw new ArgumentException($"a video of {width}×{height} cannot be written: both must be positive and even (yuv420p)", nameof(width));
        if (!(frameRate > 0 && frameRate <= 1000))
            throw new ArgumentOutOfRangeException(nameof(frameRate), frameRate, "must be above 0 and at most 1000 frames per second");
        this.path = path;
        frameBytes = checked(width * height * 3);
        options ??= new VideoWriterOptions();
        var preset = (byte*)Marshal.StringToCoTaskMemUTF8(options.Preset);
        var x264 = (byte*)Marshal.StringToCoTaskMemUTF8(options.X264Params);
        try
        {
            var native = new NativeWriterOptions
            {
                Crf = options.Crf,
                KeyFrames = options.KeyFrameInterval,
                BFrames = options.BFrames,
                Threads = options.Threads,
                Mpeg4 = options.Mpeg4 ? 1 : 0,
                Preset = preset,
                X264Params = x264,
            };
            NativeError error;
            Errors.ThrowIfFailed(MediaNative.OpenWriter(path, width, height, frameRate, &native, out handle, &error), error, path);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)preset);
            Marshal.FreeCoTaskMem((nint)x264);
        }
    }

    /// <summary>Appends a frame.</summary>
    /// <param name="rgb">[height, width, 3].</param>
    /// <exception cref="ArgumentException">The span is not one frame long.</exception>
    /// <exception cref="MediaException">Encoding or writing failed.</exception>
    public void Write(ReadOnlySpan<byte> rgb)
    {
        if (rgb.Length != frameBytes)
            throw new ArgumentException($"a frame has {frameBytes} bytes, not {rgb.Length}", nameof(rgb));
        NativeError error;
        fixed (byte* pixels = rgb)
            Errors.ThrowIfFailed(MediaNative.Write(handle, pixels, &error), error, path);
    }

    /// <summary>Writes what is left and gives the file its name.</summary>
    /// <exception cref="MediaException">Writing failed; the file does not appear.</exception>
    public void Finish()
    {
        NativeError error;
        Errors.ThrowIfFailed(MediaNative.Finish(handle, &error), error, path);
    }

    /// <summary>Closes the writer; an unfinished file is deleted.</summary>
    public void Dispose() => handle.Dispose();
}
