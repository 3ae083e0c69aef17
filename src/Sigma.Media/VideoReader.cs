using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>
/// Reads chosen frames of a video file. Frame i is the i-th frame the ffmpeg program would give out with
/// <c>-fps_mode passthrough</c>, bit for bit. A reader belongs to one thread at a time; several may work side by side.
/// </summary>
public sealed unsafe class VideoReader : IDisposable
{
    private const int NoGpu = -1;

    private readonly ReaderHandle handle;
    private readonly int? nvdec;

    private VideoReader(ReaderHandle handle, VideoInfo info, int? nvdec)
    {
        (this.handle, this.nvdec) = (handle, nvdec);
        Info = info;
        FrameCount = MediaNative.FrameCount(handle);
    }

    /// <summary>What the header says.</summary>
    public VideoInfo Info { get; }

    /// <summary>
    /// Number of frames by the file's packets, found by reading but not decoding it. In damaged files more than
    /// <see cref="CountFrames"/>.
    /// </summary>
    public int FrameCount { get; }

    /// <summary>
    /// Whether the CPU decoded frames although a GPU was named: of a codec, a size or a damaged file that the GPU does not
    /// take, and on the way of motion vectors, which only the CPU's decoders hand out.
    /// </summary>
    public bool FellBackToCpu => nvdec is not null && Statistics() is var counts && counts.OnGpu < counts.Decoded;

    /// <summary>Opens a file and indexes its packets.</summary>
    /// <param name="path">A video file of any kind FFmpeg reads.</param>
    /// <param name="threads">Decoding threads; 1 is best where several videos are read side by side.</param>
    /// <param name="nvdec">
    /// The number of an NVIDIA GPU whose video decoder takes what it can, to the same frames; null leaves everything to the CPU.
    /// </param>
    /// <exception cref="NotAVideoException">The file cannot be opened, or holds no video stream.</exception>
    /// <exception cref="MediaException">There is no such GPU, as <see cref="MediaEngine.WhyNoNvdec"/> tells beforehand.</exception>
    public static VideoReader Open(string path, int threads = 1, int? nvdec = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        NativeVideoInfo native;
        NativeError error;
        Errors.ThrowIfFailed(MediaNative.OpenReader(path, threads, nvdec ?? NoGpu, out ReaderHandle handle, &native, &error), error, path);
        return new VideoReader(handle, new VideoInfo
        {
            Path = path,
            Container = NativeText.Read(native.Container),
            Codec = NativeText.Read(native.Codec),
            Width = native.Width,
            Height = native.Height,
            CodedWidth = native.CodedWidth,
            CodedHeight = native.CodedHeight,
            Rotation = native.Rotation,
            SampleAspectRatio = native.SampleAspectRatio,
            FrameRate = native.FrameRate,
            Duration = native.Duration,
            HeaderFrameCount = native.HeaderFrames > 0 ? native.HeaderFrames : null,
            Stream = native.Stream,
            Stride = native.Stride,
        }, nvdec);
    }

    /// <summary>Decodes the whole file and returns how many frames come out; remembered for further calls.</summary>
    /// <exception cref="MediaException">Reading made no progress.</exception>
    public int CountFrames()
    {
        int count;
        NativeError error;
        Errors.ThrowIfFailed(MediaNative.CountFrames(handle, &count, &error), error, Info.Path);
        return count;
    }

    /// <summary>Decodes frames in one pass, each cropped, turned upright and resized.</summary>
    /// <param name="frames">Frame numbers from 0, in any order, repeats allowed.</param>
    /// <param name="crop">The part to take, in displayed pixels; null takes all.</param>
    /// <param name="width">Output width in pixels.</param>
    /// <param name="height">Output height in pixels.</param>
    /// <param name="rgb">Receives [frames, height, width, 3] in the order asked for.</param>
    /// <param name="motion">Receives the motion on the way, when given.</param>
    /// <exception cref="ArgumentException">A size, the crop or the buffer does not fit.</exception>
    /// <exception cref="VideoDecodeException">A frame asked for does not decode; the buffer's content is then undefined.</exception>
    public void Read(ReadOnlySpan<int> frames, CropBox? crop, int width, int height, Span<byte> rgb, MotionVectors? motion = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        CheckFrames(frames);
        CropBox box = crop is { } given ? Checked(given) : default;
        long needed = (long)frames.Length * height * width * 3;
        if (rgb.Length < needed)
            throw new ArgumentException($"the buffer holds {rgb.Length} bytes; {frames.Length} frames of {width}×{height} RGB need {needed}", nameof(rgb));
        NativeMotion found = default;
        NativeError error;
        fixed (int* first = frames)
        fixed (byte* pixels = rgb)
        {
            Status status = MediaNative.Read(
                handle, first, frames.Length, &box, width, height, pixels, motion is null ? null : &found, &error);
            Errors.ThrowIfFailed(status, error, Info.Path);
        }
        motion?.Take(found, frames.Length);
    }

    /// <summary>
    /// Announces frames that several calls of <see cref="Read"/> will ask for: they are decoded together and once, and kept
    /// while they take no more than 64 MiB. What is read is the same with and without it.
    /// </summary>
    /// <param name="frames">frame numbers from 0, in any order, repeats allowed; none ends the keeping</param>
    public void Keep(ReadOnlySpan<int> frames)
    {
        CheckFrames(frames);
        NativeError error;
        fixed (int* first = frames)
            Errors.ThrowIfFailed(MediaNative.Keep(handle, first, frames.Length, &error), error, Info.Path);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => handle.Dispose();

    /// <summary>MD5 of frames as decoded, before any conversion, the way <c>ffmpeg -f framemd5</c> computes it.</summary>
    internal string[] FrameMd5(ReadOnlySpan<int> frames)
    {
        CheckFrames(frames);
        const int Size = 33;
        var digests = new byte[frames.Length * Size];
        NativeError error;
        fixed (int* first = frames)
        fixed (byte* text = digests)
            Errors.ThrowIfFailed(MediaNative.FrameMd5(handle, first, frames.Length, text, &error), error, Info.Path);
        return [.. Enumerable.Range(0, frames.Length).Select(i => NativeText.Read(digests.AsSpan(i * Size, Size)))];
    }

    /// <summary>
    /// Frames decoded so far, those of them on the GPU, frames skipped, and whether the packets determine the frames (so that it can seek).
    /// </summary>
    internal (long Decoded, long OnGpu, long Skipped, bool Seekable) Statistics()
    {
        long decoded, onGpu, skipped;
        int seekable;
        MediaNative.Statistics(handle, &decoded, &onGpu, &skipped, &seekable);
        return (decoded, onGpu, skipped, seekable != 0);
    }

    private static void CheckFrames(ReadOnlySpan<int> frames)
    {
        foreach (int frame in frames)
            ArgumentOutOfRangeException.ThrowIfNegative(frame, nameof(frames));
    }

    private CropBox Checked(CropBox crop)
    {
        const double Slack = 1e-6; // crops are computed in floating point
        bool inside = crop.X >= -Slack && crop.Y >= -Slack && crop.Width > 0 && crop.Height > 0
            && crop.X + crop.Width <= Info.Width + Slack && crop.Y + crop.Height <= Info.Height + Slack;
        return inside
            ? crop
            : throw new ArgumentOutOfRangeException(nameof(crop), crop, $"the box must lie inside the displayed picture of {Info.Width}×{Info.Height}");
    }
}
