using System.Collections.Concurrent;
using Sigma.Media;

namespace Sigma.Data;

/// <summary>
/// What a run finds out about its videos while it reads them: which cannot be read, which have fewer frames than a clip, and
/// which the CPU decoded in a GPU's place.
/// Safe to use from several threads, but for what other ranks found.
/// </summary>
/// <param name="manifest">the videos</param>
/// <param name="unreadableLimit">share of them that may be unreadable</param>
public sealed class VideoFindings(Manifest manifest, double unreadableLimit)
{
    // Videos no frame of which can be read; they are not opened again.
    private readonly ConcurrentDictionary<int, bool> setAside = new();
    private readonly ConcurrentDictionary<int, bool> tooShort = new();
    private readonly List<string> shortElsewhere = [];
    private readonly ConcurrentDictionary<int, bool> onCpu = new();
    private readonly List<string> onCpuElsewhere = [];

    /// <summary>Videos that could not be read, also those found while reading ahead.</summary>
    public UnreadableVideos Unreadable { get; } = new();

    /// <summary>Videos with fewer frames than a clip, in the order of the manifest, and then those that other ranks found.</summary>
    public IReadOnlyList<string> Short => [.. tooShort.Keys.Order().Select(sample => manifest[sample].Path), .. shortElsewhere];

    /// <summary>Videos that <c>data.decoder: nvdec</c> left to the CPU, in the same order.</summary>
    public IReadOnlyList<string> OnCpu => [.. onCpu.Keys.Order().Select(sample => manifest[sample].Path), .. onCpuElsewhere];

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

    /// <summary>Takes note of a video that is shorter than a clip.</summary>
    internal void AddShort(int sample) => tooShort.TryAdd(sample, true);

    /// <summary>Takes note of short videos that other ranks found.</summary>
    internal void AddShort(IEnumerable<string> paths) => shortElsewhere.AddRange(paths.Except(Short));

    /// <summary>Takes note of a video that the GPU should have decoded, and the CPU did.</summary>
    internal void AddOnCpu(int sample) => onCpu.TryAdd(sample, true);

    /// <summary>Takes note of such videos that other ranks found.</summary>
    internal void AddOnCpu(IEnumerable<string> paths) => onCpuElsewhere.AddRange(paths.Except(OnCpu));

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
