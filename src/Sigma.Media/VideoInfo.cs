namespace Sigma.Media;

/// <summary>What a video's header says, for the stream that is read.</summary>
public sealed record VideoInfo
{
    /// <summary>The file as it was named by the caller.</summary>
    public required string Path { get; init; }

    /// <summary>FFmpeg's name of the container, for example <c>mov,mp4,m4a,3gp,3g2,mj2</c>.</summary>
    public required string Container { get; init; }

    /// <summary>FFmpeg's name of the codec, for example <c>h264</c>.</summary>
    public required string Codec { get; init; }

    /// <summary>Width in pixels as displayed: rotated, and with square pixels (the sample aspect ratio stretches the stored width).</summary>
    public required int Width { get; init; }

    /// <summary>Height in pixels as displayed.</summary>
    public required int Height { get; init; }

    /// <summary>Width in pixels as stored.</summary>
    public required int CodedWidth { get; init; }

    /// <summary>Height in pixels as stored.</summary>
    public required int CodedHeight { get; init; }

    /// <summary>Degrees by which the stored picture is turned clockwise for display: 0, 90, 180 or 270.</summary>
    public required int Rotation { get; init; }

    /// <summary>Width over height of a stored pixel, 1 when unknown.</summary>
    public required double SampleAspectRatio { get; init; }

    /// <summary>Average frames per second as the header tells it, which may be wrong; 0 when unknown.</summary>
    public required double FrameRate { get; init; }

    /// <summary>Length in seconds as the header tells it, 0 when unknown.</summary>
    public required double Duration { get; init; }

    /// <summary>The frame count the header claims, which may be wrong; null when it claims none.</summary>
    public required int? HeaderFrameCount { get; init; }

    /// <summary>Index of the stream within the file.</summary>
    public required int Stream { get; init; }

    /// <summary>
    /// Where the file was packed for strided reading: frames 0, Stride, 2 × Stride … refer to one another alone, and are
    /// read without decoding those between. 1 for every other file.
    /// </summary>
    public int Stride { get; init; } = 1;
}

/// <summary>A box in displayed pixels. Its edges are rounded to whole stored pixels.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width, above 0.</param>
/// <param name="Height">Height, above 0.</param>
public readonly record struct CropBox(double X, double Y, double Width, double Height);
