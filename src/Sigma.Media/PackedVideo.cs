using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>How videos are packed for strided reading.</summary>
public sealed record PackOptions
{
    /// <summary>Strides that can be packed for: the frames between two references are B-frames, of which H.264 codes at most 16 in a row.</summary>
    public const int SmallestStride = 2, LargestStride = 17;

    /// <summary>Every how many frames there is a reference; a clip's stride, or a part of it.</summary>
    public int Stride { get; init; } = 4;

    /// <summary>Largest length of the shorter side, pixels; smaller pictures stay as they are.</summary>
    public int ShortSide { get; init; } = 256;

    /// <summary>Constant rate factor of H.264, 0 (lossless) to 51 (worst).</summary>
    public int Crf { get; init; } = 20;
}

/// <summary>
/// A video rewritten for strided reading. Frames 0, stride, 2 × stride … are references, each to the one before (a key frame
/// every eighth); no frame refers to those between. So a strided clip is read by decoding references alone, and their motion
/// vectors are the motion from one sampled frame to the next. What follows the last multiple of the stride is left out.
/// </summary>
/// <param name="File">the video, MP4</param>
/// <param name="Frames">its frames</param>
/// <param name="Width">of a frame, pixels</param>
/// <param name="Height">of a frame, pixels</param>
/// <param name="SquaredError">what encoding changed: the squares summed over all samples of luma and chroma</param>
/// <param name="Samples">samples of luma and chroma in all frames</param>
public sealed record PackedVideo(byte[] File, int Frames, int Width, int Height, double SquaredError, long Samples)
{
    /// <summary>Rewrites a video. Rotation and pixels that are not square are taken in, and sound is left out.</summary>
    /// <exception cref="MediaException">the video cannot be read, or FFmpeg has no libx264</exception>
    /// <exception cref="ArgumentOutOfRangeException">an option is out of range</exception>
    public static unsafe PackedVideo From(string path, PackOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Stride, PackOptions.SmallestStride, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Stride, PackOptions.LargestStride, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ShortSide, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.Crf, 51u, nameof(options));
        var native = new NativePackOptions { Stride = options.Stride, ShortSide = options.ShortSide, Crf = options.Crf };
        NativePacked packed;
        NativeError error;
        Errors.ThrowIfFailed(MediaNative.Pack(path, &native, &packed, &error), error, path);
        try
        {
            return new(
                new ReadOnlySpan<byte>(packed.Bytes, checked((int)packed.Size)).ToArray(), packed.Frames, packed.Width, packed.Height,
                packed.SquaredError, packed.Samples);
        }
        finally
        {
            MediaNative.FreeBytes(packed.Bytes);
        }
    }
}
