using System.Buffers;
using Sigma.Media;
using Sigma.Torch;

namespace Sigma.Data;

/// <summary>
/// All views of every video of a manifest, in its order, the same each time. Each video is decoded once, the frames
/// of all views in one pass, and the views are cut out of them. Several threads decode a bounded number of batches ahead. Videos that
/// cannot be read are left out.
/// </summary>
public sealed class ViewClips
{
    /// <summary>Clips of a batch, unless one video has more.</summary>
    private const int Clips = 32;

    private readonly Manifest manifest;
    private readonly TestViews views;
    private readonly int workers;
    private readonly int rank;
    private readonly int ranks;
    private readonly int videos;
    private readonly int videoBytes;

    /// <summary>Settles what is read; nothing is opened yet.</summary>
    /// <param name="manifest">the videos</param>
    /// <param name="views">which views of each</param>
    /// <param name="workers">threads that decode; 0 for as many as there are cores</param>
    /// <param name="rank">which of the ranks this is: they take turns with the batches</param>
    /// <param name="ranks">number of ranks</param>
    public ViewClips(Manifest manifest, TestViews views, int workers = 0, int rank = 0, int ranks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        (this.manifest, this.views, this.rank, this.ranks) = (manifest, views, rank, ranks);
        this.workers = workers == 0 ? Environment.ProcessorCount : workers;
        // Batches so small that every rank has its share of a short list.
        videos = Math.Clamp(Clips / views.Count, 1, Math.Max(1, (manifest.Count + ranks - 1) / ranks));
        videoBytes = checked(views.Count * views.Clip.Frames * views.Clip.Size * views.Clip.Size * 3);
    }

    /// <summary>Videos that could not be read.</summary>
    public UnreadableVideos Unreadable { get; } = new();

    /// <summary>
    /// Reads all views. A batch's tensor [n · views, T, H, W, 3] UInt8 holds the views of n videos one after the other and is
    /// freed when the next one is asked for. Samples tell which manifest entries the n videos are.
    /// </summary>
    /// <param name="stop">gives up</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled</exception>
    public IEnumerable<(int[] Samples, Tensor Clips)> Read(CancellationToken stop = default)
    {
        var ahead = Math.Min(workers, (2 * workers - 1) / videos + 1) + 1;
        using var pipeline = new BatchPipeline<Work>(workers, ahead, Open, Fill, work => work.Clips.Dispose());
        while (pipeline.Next(stop) is { } work)
        {
            using var whole = work.Clips;
            int[] readable = [.. Enumerable.Range(0, work.Read.Length).Where(slot => work.Read[slot])];
            if (readable.Length == 0)
                continue;
            for (var i = 0; i < readable.Length; i++)
            {
                if (readable[i] != i)
                    Pixels(work, readable[i]).CopyTo(Pixels(work, i));
            }
            using var part = F.Narrow(whole, 0, 0, (long)readable.Length * views.Count);
            yield return ([.. readable.Select(slot => work.First + slot)], part);
        }
    }

    private (Work, int)? Open(long number)
    {
        var first = (number * ranks + rank) * videos;
        if (first >= manifest.Count)
            return null;
        var count = (int)Math.Min(videos, manifest.Count - first);
        var (clip, all) = (views.Clip, (long)count * views.Count);
        var tensor = Tensor.Empty([all, clip.Frames, clip.Size, clip.Size, 3], ScalarType.UInt8).KeepForever();
        return (new(tensor, (int)first, new bool[count]), count);
    }

    private void Fill(Work work, int slot, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        try
        {
            using var video = ClipReader.Open(manifest[work.First + slot]);
            Read(video, Pixels(work, slot));
            work.Read[slot] = true;
        }
        catch (MediaException e)
        {
            Unreadable.Add(e);
        }
    }

    /// <summary>Reads the frames of all segments in one pass, resized, and cuts the views out of them.</summary>
    private void Read(ClipReader video, Span<byte> pixels)
    {
        var (width, height) = views.Resized(video.Info);
        var buffer = ArrayPool<byte>.Shared.Rent(checked(views.Segments * views.Clip.Frames * width * height * 3));
        try
        {
            var frames = video.Read(count => [.. views.Frames(count).SelectMany(segment => segment)], null, width, height, buffer);
            Cut(buffer, frames.Length, width, height, pixels);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Cut(ReadOnlySpan<byte> source, int frames, int width, int height, Span<byte> pixels)
    {
        var (clip, row, target) = (views.Clip, views.Clip.Size * 3, 0);
        for (var first = 0; first < frames; first += clip.Frames)
        {
            foreach (var (x, y) in views.Corners(width, height))
            {
                for (var frame = first; frame < first + clip.Frames; frame++)
                {
                    for (var line = 0; line < clip.Size; line++, target += row)
                        source.Slice(((frame * height + y + line) * width + x) * 3, row).CopyTo(pixels[target..]);
                }
            }
        }
    }

    private Span<byte> Pixels(Work work, int slot) => work.Clips.Data<byte>((long)slot * videoBytes, videoBytes);

    /// <summary>A batch that is being read, from the manifest's first-th entry on.</summary>
    private sealed record Work(Tensor Clips, int First, bool[] Read);
}
