using Sigma.Media;

namespace Sigma.Data.Packing;

/// <summary>
/// Rewrites a data set once, so that its strided clips are read by decoding only the frames they are made of: short groups of
/// pictures whose every stride-th frame is a reference and the others are not, in a few large tar files that can be read from
/// end to end. The folder it makes is a data set like any other. Stopped half-way, it goes on after the last whole shard.
/// </summary>
public sealed class DataPacker
{
    /// <summary>A shard ends after the video that takes it to this size.</summary>
    private const long ShardBytes = 256L << 20;

    private readonly Manifest manifest;
    private readonly PackOptions options;
    private readonly string folder;
    private readonly bool labelled;
    private readonly long shardBytes;

    /// <summary>Settles what is packed; nothing is written yet.</summary>
    /// <param name="data">a folder or list of videos; labels are kept where every video has one</param>
    /// <param name="folder">where the packed set goes: new, empty, or left half-way by the same call</param>
    /// <param name="options">how</param>
    /// <exception cref="ManifestException">there are no videos</exception>
    /// <exception cref="BadInputException">the folder holds something else</exception>
    public DataPacker(string data, string folder, PackOptions options)
        : this(data, folder, options, ShardBytes)
    {
    }

    internal DataPacker(string data, string folder, PackOptions options, long shardBytes)
    {
        (this.folder, this.options, this.shardBytes) = (folder, options, shardBytes);
        manifest = Load(data);
        labelled = manifest.Classes.Count > 0;
        Begun = Inspect();
    }

    /// <summary>Videos to pack.</summary>
    public int Count => manifest.Count;

    /// <summary>Videos that were dealt with before, in a call that did not get to the end; all where it did.</summary>
    public int Done => Begun.Shards.Count == 0 ? 0 : Begun.Shards[^1].End;

    private PackState Begun { get; }

    /// <summary>Packs what is not packed yet, on all cores.</summary>
    /// <param name="progress">is told how many videos of all have been dealt with</param>
    /// <param name="stop">gives up; what is whole stays</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled</exception>
    /// <exception cref="BadInputException">the folder may not be written, or another process packs into it</exception>
    /// <exception cref="IOException">the folder cannot be written any more; the message says how to go on</exception>
    public PackSummary Pack(Action<int> progress, CancellationToken stop)
    {
        var state = Begun;
        try
        {
            if (!PackState.IsFinished(folder))
            {
                Directory.CreateDirectory(folder);
                using var alone = Lock();
                state = PackShards(state, progress, stop);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(folder, failure, "What is whole stays: make room and run the same command again, it goes on where it stopped.");
        }
        return PackSummary.Of(state);
    }

    /// <summary>With labels where all videos have one.</summary>
    private static Manifest Load(string data)
    {
        if (Directory.Exists(data) && PackState.IsAt(data))
            throw new BadInputException($"{data} is packed already: pack the videos it was made from");
        try
        {
            return Manifest.Load(data, labels: true);
        }
        catch (ManifestException)
        {
            return Manifest.Load(data);
        }
    }

    private PackState Inspect()
    {
        var planned = new PackState(manifest.Hash, manifest.Count, labelled, options, []);
        if (File.Exists(folder))
            throw new BadInputException($"{folder} is a file: choose another folder");
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
            return planned;
        if (!PackState.IsAt(folder))
            throw new BadInputException($"{folder} is not empty: choose another folder");
        var begun = PackState.Read(folder);
        return Same(begun, planned)
            ? begun
            : throw new BadInputException($"{folder} was begun with other videos or other settings (stride {begun.Options.Stride}, short side {begun.Options.ShortSide}, crf {begun.Options.Crf}, {begun.Count} videos): choose another folder");
    }

    private static bool Same(PackState begun, PackState planned) =>
        (begun.Source, begun.Count, begun.Labelled, begun.Options) == (planned.Source, planned.Count, planned.Labelled, planned.Options);

    /// <summary>Keeps others from packing into the same folder.</summary>
    private FileStream Lock()
    {
        try
        {
            return new(Path.Combine(folder, "packing.lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException failure)
        {
            throw new BadInputException($"{folder} is being packed by another process: wait for it, or choose another folder", failure);
        }
    }

    private PackState PackShards(PackState state, Action<int> progress, CancellationToken stop)
    {
        state.Write(folder, finished: false);
        var workers = Environment.ProcessorCount;
        var next = Done;
        using var pipeline = new BatchPipeline<Work>(workers, 2 * workers, number => Open(Done + number), Fill, _ => { });
        while (next < Count)
        {
            using var shard = new ShardWriter(folder, state.Shards.Count);
            while (next < Count && shard.Size < shardBytes)
            {
                Append(shard, pipeline.Next(stop)!);
                progress(++next);
            }
            state = state with { Shards = [.. state.Shards, shard.Finish(next)] };
            state.Write(folder, finished: next == Count);
        }
        return state;
    }

    private (Work, int)? Open(long sample) => sample < Count ? (new Work((int)sample), 1) : null;

    private void Fill(Work work, int slot, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var path = manifest[work.Sample].Path;
        try
        {
            work.Video = PackedVideo.From(path, options);
            work.SourceBytes = new FileInfo(path).Length;
        }
        catch (MediaException failure)
        {
            work.Failure = failure;
        }
    }

    private void Append(ShardWriter shard, Work work)
    {
        if (work.Failure is { } failure)
        {
            shard.Add(UnreadableVideo.From(failure));
            return;
        }
        var label = manifest[work.Sample].Label is { } index ? manifest.Classes[index] : null;
        shard.Add(work.Video!, MemberName(manifest.Name(work.Sample)), label, work.SourceBytes);
    }

    /// <summary>The listed path without what leads out of the folder, ending in .mp4.</summary>
    private static string MemberName(string listed)
    {
        var parts = listed.Split('/').Where(part => part is not ("" or "." or ".."));
        var name = string.Join('/', parts);
        return name.EndsWith(".mp4", StringComparison.OrdinalIgnoreCase) ? name : name + ".mp4";
    }

    private sealed class Work(int sample)
    {
        public int Sample { get; } = sample;

        public PackedVideo? Video { get; set; }

        public long SourceBytes { get; set; }

        public MediaException? Failure { get; set; }
    }
}
