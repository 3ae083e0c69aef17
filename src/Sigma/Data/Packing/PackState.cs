using System.Text.Json;
using Sigma.Media;

namespace Sigma.Data.Packing;

/// <summary>A shard of a packed set: a tar file that is whole.</summary>
/// <param name="Name">its name without ending, which its index shares</param>
/// <param name="Size">of the tar file, bytes</param>
/// <param name="End">the first video of the source that comes after it</param>
/// <param name="Videos">videos it holds</param>
/// <param name="VideoBytes">bytes of these</param>
/// <param name="SourceBytes">bytes of the files they were made from</param>
/// <param name="SquaredError">see <see cref="PackedVideo.SquaredError"/></param>
/// <param name="Samples">see <see cref="PackedVideo.Samples"/></param>
/// <param name="Unreadable">videos of its part of the source that could not be read</param>
internal sealed record Shard(
    string Name, long Size, int End, int Videos, long VideoBytes, long SourceBytes, double SquaredError, long Samples,
    IReadOnlyList<UnreadableVideo> Unreadable);

/// <summary>
/// What a packed folder says of itself, in <c>packed.json</c>; while it is being made, in <c>packing.json</c>. It is written anew
/// after every shard, beside and renamed, so that it never names a shard that is not whole.
/// </summary>
/// <param name="Source">hash of the manifest that is packed, paths and labels</param>
/// <param name="Count">videos of that manifest</param>
/// <param name="Labelled">whether the videos have labels</param>
/// <param name="Options">how they are packed</param>
/// <param name="Shards">those that are whole, in order</param>
internal sealed record PackState(string Source, int Count, bool Labelled, PackOptions Options, IReadOnlyList<Shard> Shards)
{
    private const string FinishedName = "packed.json", UnfinishedName = "packing.json";

    /// <summary>Whether the shards are what a packer writes: files of this folder, one after the other.</summary>
    private bool IsSensible
    {
        get
        {
            var (number, end) = (0, 0);
            foreach (var shard in Shards)
            {
                if (shard is not { Unreadable: not null, Videos: >= 0 } || shard.Name != ShardWriter.NameOf(number++) || shard.End < end || shard.End > Count
                    || shard.Unreadable.Any(video => video is not { Path: not null, Reason: not null }))
                    return false;
                end = shard.End;
            }
            return true;
        }
    }

    /// <summary>Whether a folder is, or will be, a packed set.</summary>
    public static bool IsAt(string folder) => IsFinished(folder) || File.Exists(Path.Combine(folder, UnfinishedName));

    /// <summary>Whether a folder is a packed set that is whole.</summary>
    public static bool IsFinished(string folder) => File.Exists(Path.Combine(folder, FinishedName));

    /// <summary>Reads what a folder says of itself.</summary>
    /// <exception cref="BadInputException">it makes no sense</exception>
    /// <exception cref="IOException">it cannot be read</exception>
    public static PackState Read(string folder)
    {
        var path = Path.Combine(folder, IsFinished(folder) ? FinishedName : UnfinishedName);
        try
        {
            if (JsonSerializer.Deserialize<PackState>(File.ReadAllText(path), ReadableJson.Options) is { Shards: not null, Options: not null } state && state.IsSensible)
                return state;
        }
        catch (JsonException failure)
        {
            throw new BadInputException($"{path} is damaged: {failure.Message} Pack the videos anew, into another folder.", failure);
        }
        throw new BadInputException($"{path} is damaged: its options or shards are missing or make no sense. Pack the videos anew, into another folder.");
    }

    /// <summary>Writes it under its name in one step, on the disk before the call returns.</summary>
    public void Write(string folder, bool finished)
    {
        var path = Path.Combine(folder, finished ? FinishedName : UnfinishedName);
        WholeFile.Write(path, partial =>
        {
            using var file = new FileStream(partial, FileMode.Create);
            JsonSerializer.Serialize(file, this, ReadableJson.Options);
            file.Flush(flushToDisk: true);
        });
        if (finished)
            File.Delete(Path.Combine(folder, UnfinishedName));
    }
}
