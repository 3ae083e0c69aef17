using System.Diagnostics;
using Sigma.Data;
using Sigma.Data.Packing;
using Sigma.Media;

namespace Sigma.Benchmarks;

/// <summary>
/// Reading clips as pre-training does, 16 frames at stride 4 cropped and resized to 224×224, against the plain way of
/// general video libraries, from the same videos packed for that stride, and with a GPU decoding them where there is one; each
/// on one thread, clip by clip in turn.
/// </summary>
/// <param name="Ratio">Median over the clips of the plain way's time over ours, from plain files.</param>
/// <param name="PackedRatio">Median over the clips of our time from plain files over that from packed ones; null where FFmpeg cannot pack.</param>
/// <param name="ClipsPerSecondPerCore">Ours from plain files, one thread.</param>
/// <param name="ClipsPerSecond">Ours from plain files, as many threads as cores.</param>
/// <param name="PlainWayClipsPerSecond">The plain way, one thread.</param>
/// <param name="PackedClipsPerSecondPerCore">Ours from packed files, one thread.</param>
/// <param name="NvdecRatio">Median over the clips of our time from plain files over that with the first GPU decoding them; null where it cannot.</param>
/// <param name="Videos">Videos that were read.</param>
/// <param name="Clips">Clips each way read.</param>
/// <param name="LeftOut">Videos that one of the ways cannot read.</param>
public sealed record LoaderBenchmark(
    double Ratio, double? PackedRatio, double ClipsPerSecondPerCore, double ClipsPerSecond, double PlainWayClipsPerSecond,
    double? PackedClipsPerSecondPerCore, double? NvdecRatio, int Videos, int Clips, IReadOnlyList<UnreadableVideo> LeftOut)
{
    private const int MostPacked = 8; // videos: packing takes seconds each

    /// <summary>Measures.</summary>
    /// <param name="data">a folder or list of videos; null renders one of 340×256 with a key frame every 250 frames</param>
    /// <param name="clips">clips each way reads</param>
    /// <param name="stop">gives up</param>
    /// <exception cref="ManifestException">there are no videos</exception>
    /// <exception cref="BadInputException">no video can be read both ways</exception>
    public static LoaderBenchmark Measure(string? data, int clips, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        if (data is null)
            MadeUpVideo.Write(Path.Combine(folder.Path, "made-up.mp4"));
        var manifest = Manifest.Load(data ?? folder.Path);
        var (leftOut, reading) = (new UnreadableVideos(), new ClipReading());
        var videos = Readable(manifest, Math.Min(clips, manifest.Count), reading, leftOut, stop);
        if (videos.Count == 0)
            throw new BadInputException($"{data}: none of its videos can be read both ways, as {leftOut.List[0].Path}: {leftOut.List[0].Reason}");
        var packed = MediaEngine.HasH264Encoder ? Packed([.. videos.Take(MostPacked)], folder.Path, stop) : [];

        var (plain, ours, pairs) = (new List<double>(), new List<double>(), new List<(double Plain, double Packed)>());
        var (nvdec, onGpu) = (MediaEngine.WhyNoNvdec() is null, new List<double>());
        if (nvdec)
            reading.Time(ClipReading.Draw(videos[0], 0), nvdec: 0); // loads the driver
        for (var turn = 0; turn < clips; turn++)
        {
            stop.ThrowIfCancellationRequested();
            var clip = ClipReading.Draw(videos[turn % videos.Count], turn);
            var (first, second) = reading.Time(clip, plainFirst: turn % 2 == 0);
            plain.Add(first);
            ours.Add(second);
            if (nvdec)
                onGpu.Add(second / reading.Time(clip, nvdec: 0));
            if (turn % videos.Count is var video && video < packed.Count)
                pairs.Add((second, reading.Time(ClipReading.Draw(packed[video], turn))));
        }
        return new(
            PairedTiming.Median(plain.Zip(ours, (p, o) => p / o)), pairs.Count > 0 ? PairedTiming.Median(pairs.Select(p => p.Plain / p.Packed)) : null,
            1 / PairedTiming.Median(ours), AllCores(videos, ours.Sum(), stop), 1 / PairedTiming.Median(plain),
            pairs.Count > 0 ? 1 / PairedTiming.Median(pairs.Select(p => p.Packed)) : null, nvdec ? PairedTiming.Median(onGpu) : null, videos.Count, ours.Count, leftOut.List);
    }

    /// <summary>Some videos of the manifest that both ways read; every one is read once, which also warms the libraries.</summary>
    private static List<string> Readable(Manifest manifest, int count, ClipReading reading, UnreadableVideos leftOut, CancellationToken stop)
    {
        var videos = new List<string>();
        var order = new EpochOrder(0, 0, manifest.Count);
        for (var turn = 0; turn < manifest.Count && videos.Count < count; turn++)
        {
            stop.ThrowIfCancellationRequested();
            var path = manifest[order[turn]].Path;
            try
            {
                reading.Time(ClipReading.Draw(path, 0), plainFirst: true);
                videos.Add(path);
            }
            catch (MediaException failure)
            {
                leftOut.Add(failure);
            }
        }
        return videos;
    }

    /// <summary>The videos packed for the stride of the clips, in their order.</summary>
    private static List<string> Packed(string[] videos, string folder, CancellationToken stop)
    {
        var list = Path.Combine(folder, "videos.txt");
        File.WriteAllLines(list, videos.Select(video => ListFields.Quote(Path.GetFullPath(video))));
        var target = Path.Combine(folder, "packed");
        var summary = new DataPacker(list, target, new PackOptions()).Pack(_ => { }, stop);
        if (summary.Videos < videos.Length)
            throw new BadInputException($"{summary.Unreadable[0].Path} cannot be packed: {summary.Unreadable[0].Reason}");
        var manifest = Manifest.Load(target);
        return [.. Enumerable.Range(0, manifest.Count).Select(i => manifest[i].Path)];
    }

    /// <summary>Clips a second with a thread a core, over about as long as one thread needed before.</summary>
    private static double AllCores(List<string> videos, double seconds, CancellationToken stop)
    {
        var (watch, read) = (Stopwatch.StartNew(), 0);
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(number => new Thread(() =>
        {
            var reading = new ClipReading();
            for (var turn = number; watch.Elapsed.TotalSeconds < seconds && !stop.IsCancellationRequested; turn += Environment.ProcessorCount)
            {
                reading.Read(ClipReading.Draw(videos[turn % videos.Count], turn));
                Interlocked.Increment(ref read);
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        stop.ThrowIfCancellationRequested();
        return read / watch.Elapsed.TotalSeconds;
    }
}
