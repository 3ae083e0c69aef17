using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Sigma.Data.Packing;
using Sigma.Data.Sets;

namespace Sigma.Data;

/// <summary>
/// The videos of a run, in a fixed order. Reading it opens no video: whether a file is there and can be decoded shows
/// when its turn comes. Paths are kept as bytes one after the other, so that a million videos fit in little memory.
/// </summary>
public sealed class Manifest
{
    private readonly string root;
    private readonly byte[] paths;
    private readonly int[] ends;
    private readonly int[]? labels;
    private readonly IReadOnlyList<FrameRange?>? ranges;

    private Manifest(string root, VideoRows rows)
    {
        this.root = root;
        paths = rows.Paths.ToArray();
        ends = [.. rows.Ends];
        labels = rows.Labels;
        Classes = rows.Classes;
        Hash = ComputeHash();
    }

    private Manifest(Manifest whole, IReadOnlyList<FrameRange?> ranges)
    {
        (root, paths, ends, labels, Classes) = (whole.root, whole.paths, whole.ends, whole.labels, whole.Classes);
        this.ranges = ranges.Count == whole.Count ? ranges : throw new ArgumentException($"{ranges.Count} stretches do not belong to {whole.Count} videos", nameof(ranges));
        Hash = ComputeHash();
    }

    private Manifest(Manifest whole, IReadOnlyList<int> entries)
    {
        root = whole.root;
        var (bytes, part) = (new ArrayBufferWriter<byte>(), new List<int>());
        foreach (var entry in entries)
        {
            bytes.Write(whole.Bytes(entry));
            part.Add(bytes.WrittenCount);
        }
        (paths, ends) = (bytes.WrittenSpan.ToArray(), [.. part]);
        labels = whole.labels is { } all ? [.. entries.Select(entry => all[entry])] : null;
        ranges = whole.ranges is { } some ? [.. entries.Select(entry => some[entry])] : null;
        Classes = whole.Classes;
        Hash = ComputeHash();
    }

    /// <summary>Number of videos, at least 1.</summary>
    public int Count => ends.Length;

    /// <summary>
    /// Names of the classes; an entry's label counts into it. Where labels are whole numbers: "0" up to the largest.
    /// Empty where the manifest was read without labels.
    /// </summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>
    /// SHA-256 over paths, as they are listed or below the folder, and labels, in hexadecimal: the same for a folder
    /// that was moved, another for a list with a line more.
    /// </summary>
    public string Hash { get; }

    /// <summary>A video's path as it is listed, or below the folder: the same on every machine.</summary>
    /// <exception cref="IndexOutOfRangeException">no such video</exception>
    public string Name(int index) => Encoding.UTF8.GetString(Bytes(index));

    /// <summary>One video.</summary>
    /// <exception cref="IndexOutOfRangeException">no such video</exception>
    public ManifestEntry this[int index] => new(Path.Combine(root, Name(index)), labels?[index], ranges?[index]);

    /// <summary>Some of the videos, in the order given, with the same classes.</summary>
    public Manifest Select(IReadOnlyList<int> entries) => new(this, entries);

    /// <summary>The same videos, each as if it had no frames but those of a stretch.</summary>
    /// <param name="ranges">A stretch for every video; null for all of its frames.</param>
    internal Manifest Within(IReadOnlyList<FrameRange?> ranges) => new(this, ranges);

    /// <summary>Reads a folder or list of videos.</summary>
    /// <param name="path">
    /// A folder, searched to any depth for files with a video ending, in ordinal order of their paths below it; or a
    /// packed set (see <see cref="DataPacker"/>), in the order it was packed; or a list
    /// with one <c>path [label]</c> a line (relative to the list; double quotes or tabs where a path has spaces; lines that start
    /// with # are comments); or a list that ends in .csv, whose header names a column <c>path</c>, <c>video</c> or <c>file</c>.
    /// </param>
    /// <param name="labels">
    /// Whether every video must have a label: in a folder the sub-folder directly under it, in a list the second field, in a
    /// .csv the column <c>label</c> or <c>class</c>. Labels are whole numbers from 0, or names (classes in ordinal order).
    /// </param>
    /// <param name="classes">
    /// The classes of another manifest, so that labels mean the same in both; null to take those that occur here.
    /// </param>
    /// <param name="pictures">Whether a folder without videos is searched for pictures, which are read as videos of one frame.</param>
    /// <exception cref="ManifestException">nothing there, no video in it, or lines that make no sense</exception>
    public static Manifest Load(string path, bool labels = false, IReadOnlyList<string>? classes = null, bool pictures = false)
    {
        try
        {
            if (Directory.Exists(path) && PackState.IsAt(path))
                return new(path, PackedFolder.Read(path, labels, classes));
            if (Directory.Exists(path))
                return new(path, VideoFolder.Read(path, labels, classes, pictures));
            if (!File.Exists(path))
                throw new ManifestException(path, "there is no such folder or list of videos");
            if (VideoFolder.IsVideo(path))
                throw new ManifestException(path, "is a video, not a list of videos: name the folder it lies in, or a text file with its path");
            return new(Path.GetDirectoryName(path) ?? "", VideoList.Read(path, labels, classes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException(path, $"cannot be read: {e.Message}");
        }
    }

    /// <summary>A single video, or a picture.</summary>
    /// <exception cref="ManifestException">There is no such file.</exception>
    public static Manifest Of(string video)
    {
        if (!File.Exists(video))
            throw new ManifestException(video, "there is no such video");
        var row = new VideoRows();
        row.Add(Path.GetFileName(video));
        return new(Path.GetDirectoryName(video) ?? "", row);
    }

    private ReadOnlySpan<byte> Bytes(int index)
    {
        var start = index == 0 ? 0 : ends[index - 1];
        return paths.AsSpan(start, ends[index] - start);
    }

    private string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(paths);
        hash.AppendData(MemoryMarshal.AsBytes<int>(ends));
        hash.AppendData(MemoryMarshal.AsBytes<int>(labels));
        foreach (var range in ranges ?? [])
            hash.AppendData(MemoryMarshal.AsBytes<int>([range?.First ?? -1, range?.Last ?? -1]));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
