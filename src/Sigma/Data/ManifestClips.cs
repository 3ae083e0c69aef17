using Sigma.Media;
using Sigma.Torch;

namespace Sigma.Data;

/// <summary>
/// Clips of every video of a manifest, in its order, the same each time. Several threads decode a bounded number of batches
/// ahead. Videos that cannot be read are left out.
/// </summary>
public abstract class ManifestClips
{
    private readonly Manifest manifest;
    private readonly int batch;
    private readonly int clips;
    private readonly int frames;
    private readonly int size;
    private readonly int videoBytes;
    private readonly int workers;
    private readonly int rank;
    private readonly int ranks;

    /// <summary>Settles what is read; nothing is opened yet.</summary>
    /// <param name="manifest">the videos</param>
    /// <param name="batch">videos of a batch</param>
    /// <param name="clips">clips of a video</param>
    /// <param name="frames">of a clip</param>
    /// <param name="size">height and width of a clip, pixels</param>
    /// <param name="workers">threads that decode; 0 for as many as there are cores</param>
    /// <param name="rank">which of the ranks this is: they take turns with the batches</param>
    /// <param name="ranks">number of ranks</param>
    /// <exception cref="ArgumentOutOfRangeException">a number is too small</exception>
    private protected ManifestClips(Manifest manifest, int batch, int clips, int frames, int size, int workers, int rank = 0, int ranks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        (this.manifest, this.batch, this.clips, this.frames, this.size, this.rank, this.ranks) = (manifest, batch, clips, frames, size, rank, ranks);
        this.workers = workers == 0 ? Environment.ProcessorCount : workers;
        videoBytes = checked(clips * frames * size * size * 3);
    }

    /// <summary>Videos that could not be read.</summary>
    public UnreadableVideos Unreadable { get; } = new();

    /// <summary>
    /// Reads all clips. A batch's tensor [n · clips, T, H, W, 3] UInt8 holds those of n videos one after the other and is freed
    /// when the next one is asked for; n is smaller in the last batch and where videos cannot be read. Samples tell which
    /// manifest entries the n videos are.
    /// </summary>
    /// <param name="stop">gives up</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled</exception>
    public IEnumerable<(int[] Samples, Tensor Clips)> Read(CancellationToken stop = default)
    {
        var ahead = Math.Min(workers, (2 * workers - 1) / batch + 1) + 1;
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
            using var part = F.Narrow(whole, 0, 0, (long)readable.Length * clips);
            yield return ([.. readable.Select(slot => work.First + slot)], part);
        }
    }

    /// <summary>Reads the clips [clips, T, H, W, 3] of one video.</summary>
    private protected abstract void Read(ClipReader video, Span<byte> pixels);

    private (Work, int)? Open(long number)
    {
        var first = (number * ranks + rank) * batch;
        if (first >= manifest.Count)
            return null;
        var videos = (int)Math.Min(batch, manifest.Count - first);
        var tensor = Tensor.Empty([(long)videos * clips, frames, size, size, 3], ScalarType.UInt8).KeepForever();
        return (new(tensor, (int)first, new bool[videos]), videos);
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

    private Span<byte> Pixels(Work work, int slot) => work.Clips.Data<byte>((long)slot * videoBytes, videoBytes);

    /// <summary>A batch that is being read, from the manifest's first-th entry on.</summary>
    private sealed record Work(Tensor Clips, int First, bool[] Read);
}
