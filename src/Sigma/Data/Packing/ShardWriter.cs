using System.Formats.Tar;
using Sigma.Media;

namespace Sigma.Data.Packing;

/// <summary>
/// Writes one shard: packed videos one after the other in a tar file, which any tar program reads, and beside it the list of
/// where each lies. Neither has its name before both are whole.
/// </summary>
internal sealed class ShardWriter : IDisposable
{
    private const int Block = 512; // of a tar file

    private readonly string folder;
    private readonly string name;
    private readonly FileStream file;
    private readonly TarWriter tar;
    private readonly List<ShardEntry> entries = [];
    private readonly List<UnreadableVideo> unreadable = [];
    private (long Packed, long Source, double Error, long Samples) sums;

    /// <summary>Begins a shard.</summary>
    /// <param name="folder">the packed set</param>
    /// <param name="number">of the shard, from 0</param>
    public ShardWriter(string folder, int number)
    {
        this.folder = folder;
        name = NameOf(number);
        file = new FileStream(Partial, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        tar = new TarWriter(file, TarEntryFormat.Pax, leaveOpen: true);
    }

    /// <summary>The name, without ending, of the shard of a number.</summary>
    public static string NameOf(int number) => $"shard-{number:00000}";

    /// <summary>Bytes so far.</summary>
    public long Size => file.Position;

    private string Partial => Path.Combine(folder, $"{name}.tar.partial");

    /// <summary>Appends a video.</summary>
    /// <param name="video">it</param>
    /// <param name="member">its name in the tar file</param>
    /// <param name="label">its class</param>
    /// <param name="sourceBytes">size of the file it was made from</param>
    public void Add(PackedVideo video, string member, string? label, long sourceBytes)
    {
        using var bytes = new MemoryStream(video.File, writable: false);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, member) { DataStream = bytes, ModificationTime = DateTimeOffset.UnixEpoch });
        var blocks = (video.File.Length + Block - 1L) / Block * Block;
        entries.Add(new(file.Position - blocks, video.File.Length, label, member));
        sums = (sums.Packed + video.File.Length, sums.Source + sourceBytes, sums.Error + video.SquaredError, sums.Samples + video.Samples);
    }

    /// <summary>Notes a video that could not be read.</summary>
    public void Add(UnreadableVideo video) => unreadable.Add(video);

    /// <summary>Ends the shard and gives it its name.</summary>
    /// <param name="end">the first video of the source that comes after it</param>
    public Shard Finish(int end)
    {
        tar.Dispose(); // writes the end of the archive
        file.Flush(flushToDisk: true);
        var size = file.Length;
        file.Dispose();
        ShardIndex.Write(folder, name, entries);
        File.Move(Partial, Path.Combine(folder, $"{name}.tar"), overwrite: true);
        return new(name, size, end, entries.Count, sums.Packed, sums.Source, sums.Error, sums.Samples, unreadable);
    }

    /// <summary>Closes the file. What is not finished stays without its name, lacks the archive's end, and is written anew another time.</summary>
    public void Dispose() => file.Dispose();
}
