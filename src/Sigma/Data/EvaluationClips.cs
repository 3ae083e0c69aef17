using Sigma.Media;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Data;

/// <summary>
/// One clip of every video of a manifest, in its order, the same each time: the middle of the video, the whole picture or
/// its middle square. Several threads decode a bounded number of batches ahead. Videos that cannot be read are left out.
/// </summary>
public sealed class EvaluationClips
{
    private readonly Manifest manifest;
    private readonly ClipRecipe clip;
    private readonly int batch;
    private readonly int workers;
    private readonly int clipBytes;
    private readonly int rank;
    private readonly int ranks;

    /// <summary>Settles what is read; nothing is opened yet.</summary>
    /// <param name="manifest">the videos</param>
    /// <param name="clip">
    /// frames, stride and size; a multi-scale crop stands for the middle square of the picture, resize for the whole
    /// </param>
    /// <param name="batch">clips of a batch</param>
    /// <param name="workers">threads that decode; 0 for as many as there are cores</param>
    /// <param name="rank">which of the ranks this is: they take turns with the batches</param>
    /// <param name="ranks">number of ranks</param>
    /// <exception cref="ArgumentOutOfRangeException">a number is too small</exception>
    public EvaluationClips(Manifest manifest, ClipRecipe clip, int batch, int workers = 0, int rank = 0, int ranks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        (this.manifest, this.clip, this.batch, this.rank, this.ranks) = (manifest, clip, batch, rank, ranks);
        this.workers = workers == 0 ? Environment.ProcessorCount : workers;
        clipBytes = checked(clip.Frames * clip.Size * clip.Size * 3);
    }

    /// <summary>Videos that could not be read.</summary>
    public UnreadableVideos Unreadable { get; } = new();

    /// <summary>
    /// Reads all clips. A batch's tensor [B, T, H, W, 3] UInt8 is freed when the next one is asked for; B is smaller in
    /// the last batch and where videos cannot be read. Samples tell which manifest entries its clips are.
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
            var readable = Compact(work);
            if (readable.Length == 0)
                continue;
            if (readable.Length == work.Read.Length)
            {
                yield return (readable, whole);
                continue;
            }
            using var part = F.Narrow(whole, 0, 0, readable.Length);
            yield return (readable, part);
        }
    }

    /// <summary>
    /// The frames of the middle clip: the span of frames × stride in the middle of the video, sampled as for validation;
    /// the whole video where it is no longer.
    /// </summary>
    internal static int[] MiddleFrames(int videoFrames, ClipRecipe clip)
    {
        var span = (long)clip.Frames * clip.Stride;
        int? end = videoFrames > span ? (int)((videoFrames - span) / 2 + span) : null;
        return FrameSampling.Validation(videoFrames, clip.Frames, clip.Stride, end);
    }

    /// <summary>The middle square of the displayed picture.</summary>
    internal static CropBox MiddleSquare(VideoInfo info)
    {
        var side = Math.Min(info.Width, info.Height);
        return new((info.Width - side) / 2, (info.Height - side) / 2, side, side);
    }

    private (Work, int)? Open(long number)
    {
        var first = (number * ranks + rank) * batch;
        if (first >= manifest.Count)
            return null;
        var clips = (int)Math.Min(batch, manifest.Count - first);
        var tensor = Tensor.Empty([clips, clip.Frames, clip.Size, clip.Size, 3], ScalarType.UInt8).KeepForever();
        return (new(tensor, (int)first, new bool[clips]), clips);
    }

    private void Fill(Work work, int slot, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        try
        {
            using var video = ClipReader.Open(manifest[work.First + slot].Path);
            video.Read(
                frames => MiddleFrames(frames, clip),
                clip.Crop == CropKind.Resize ? null : MiddleSquare(video.Info),
                clip.Size,
                Pixels(work, slot));
            work.Read[slot] = true;
        }
        catch (MediaException e)
        {
            Unreadable.Add(e);
        }
    }

    /// <summary>Moves the clips that were read to the front, and tells which they are.</summary>
    private int[] Compact(Work work)
    {
        var samples = new List<int>();
        for (var slot = 0; slot < work.Read.Length; slot++)
        {
            if (!work.Read[slot])
                continue;
            if (samples.Count < slot)
                Pixels(work, slot).CopyTo(Pixels(work, samples.Count));
            samples.Add(work.First + slot);
        }
        return [.. samples];
    }

    private Span<byte> Pixels(Work work, int slot) => work.Clips.Data<byte>((long)slot * clipBytes, clipBytes);

    /// <summary>A batch that is being read, from the manifest's first-th entry on.</summary>
    private sealed record Work(Tensor Clips, int First, bool[] Read);
}
