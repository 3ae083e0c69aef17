using System.Diagnostics;
using Sigma.Data;
using Sigma.Media;

namespace Sigma.Benchmarks;

/// <summary>Reads the same clip in several ways and takes the time. One thread's.</summary>
internal sealed class ClipReading
{
    private const int Frames = 16, Stride = 4, Size = 224;

    private readonly byte[] pixels = new byte[Frames * Size * Size * 3];

    /// <summary>Chooses a clip of a video as pre-training does.</summary>
    /// <param name="path">the video</param>
    /// <param name="turn">another turn, another clip</param>
    /// <exception cref="MediaException">the video cannot be opened, or no frame of it decodes</exception>
    public static ChosenClip Draw(string path, int turn)
    {
        using var video = ClipReader.Open(path);
        var key = new ClipKey(0, turn, 0, 0);
        var (frames, crop) = (key.Stream(Purpose.Frames), key.Stream(Purpose.Crop));
        if (video.Frames == 0)
            throw new MediaException(path, "holds no frames by its packets");
        var first = FrameSampling.DrawOffset(video.Frames, Frames, Stride, ref frames, video.Info.Stride);
        var (width, height) = (video.Info.Width, video.Info.Height);
        return new(
            path, FrameSampling.Pretraining(video.Frames, Frames, Stride, first),
            MultiScaleCrop.Draw(width, height, Size, ref crop));
    }

    /// <summary>Seconds that each way takes to open the video and read the clip. Nothing is remembered from before.</summary>
    /// <exception cref="MediaException">the clip cannot be read one way</exception>
    public (double Plain, double Ours) Time(ChosenClip clip, bool plainFirst)
    {
        void Plainly() => PlainClip.Read(clip.Path, clip.Frames, clip.Crop, Size, Size, pixels);
        if (plainFirst)
        {
            var plain = Seconds(Plainly);
            return (plain, Seconds(() => Read(clip)));
        }
        var ours = Seconds(() => Read(clip));
        return (Seconds(Plainly), ours);
    }

    /// <summary>Seconds that our way takes to open the video and read the clip. Nothing is remembered from before.</summary>
    /// <param name="clip">the clip</param>
    /// <param name="nvdec">the number of the GPU that decodes; null for the CPU</param>
    public double Time(ChosenClip clip, int? nvdec = null) => Seconds(() => Read(clip, nvdec));

    /// <summary>Opens the video and reads the clip our way.</summary>
    /// <param name="clip">the clip</param>
    /// <param name="nvdec">the number of the GPU that decodes; null for the CPU</param>
    public void Read(ChosenClip clip, int? nvdec = null)
    {
        using var video = ClipReader.Open(new ManifestEntry(clip.Path, null), nvdec);
        video.Read(_ => clip.Frames, clip.Crop, Size, pixels);
    }

    private static double Seconds(Action read)
    {
        PlainClip.ForgetFiles();
        var watch = Stopwatch.StartNew();
        read();
        return watch.Elapsed.TotalSeconds;
    }
}

/// <summary>A clip of a video.</summary>
/// <param name="Path">the video</param>
/// <param name="Frames">its frames, never falling</param>
/// <param name="Crop">its part of the picture</param>
internal sealed record ChosenClip(string Path, int[] Frames, CropBox Crop);
