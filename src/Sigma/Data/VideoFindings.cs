using System.Collections.Concurrent;
using Sigma.Media;

namespace Sigma.Data;

/// <summary>
/// What a run finds out about its videos while it reads them: which cannot be read, which have fewer frames than a clip, which
/// the CPU decoded in a GPU's place, and in which motion had to be searched.
/// </summary>
/// <param name="manifest">the videos</param>
/// <param name="unreadableLimit">share of them that may be unreadable</param>
public sealed class VideoFindings(Manifest manifest, double unreadableLimit)
{
    // Videos no frame of which can be read; they are not opened again.
    private readonly ConcurrentDictionary<int, bool> setAside = new();

    /// <summary>Videos that could not be read, also those found while reading ahead.</summary>
    public UnreadableVideos Unreadable { get; } = new();

    /// <summary>Videos with fewer frames than a clip.</summary>
    public VideoMarks Short { get; } = new(manifest);

    /// <summary>Videos that <c>data.decoder: nvdec</c> left to the CPU.</summary>
    public VideoMarks OnCpu { get; } = new(manifest);

    /// <summary>Videos whose codec hands out no motion vectors, so that block matching searched for them.</summary>
    public VideoMarks Searched { get; } = new(manifest);

    /// <summary>Whether a video is known to be unreadable.</summary>
    internal bool IsSetAside(int sample) => setAside.ContainsKey(sample);

    /// <summary>Takes note of a video that cannot be read.</summary>
    /// <exception cref="TooManyUnreadableException">they have become more than allowed</exception>
    internal void SetAside(int sample, MediaException failure)
    {
        Unreadable.Add(failure);
        setAside.TryAdd(sample, true);
        if ((double)setAside.Count / manifest.Count > unreadableLimit)
            throw TooManyUnreadable();
    }

    /// <summary>Judges the videos that all ranks together found unreadable.</summary>
    /// <exception cref="TooManyUnreadableException">they are more than allowed</exception>
    internal void RequireEnoughReadable()
    {
        if ((double)Unreadable.Count / manifest.Count > unreadableLimit)
            throw new TooManyUnreadableException(Unreadable.List, Unreadable.Count, manifest.Count, unreadableLimit);
    }

    /// <summary>Tells that too many of the videos tried here cannot be read.</summary>
    internal TooManyUnreadableException TooManyUnreadable() => new(Unreadable.List, setAside.Count, manifest.Count, unreadableLimit);
}
