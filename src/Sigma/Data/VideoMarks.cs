using System.Collections.Concurrent;

namespace Sigma.Data;

/// <summary>The videos of which one thing was found. Safe to use from several threads, but for what other ranks found.</summary>
/// <param name="manifest">all videos</param>
public sealed class VideoMarks(Manifest manifest)
{
    private readonly ConcurrentDictionary<int, bool> here = new();
    private readonly List<string> elsewhere = [];

    /// <summary>Their paths in the order of the manifest, and then those that other ranks found.</summary>
    public IReadOnlyList<string> Paths => [.. here.Keys.Order().Select(sample => manifest[sample].Path), .. elsewhere];

    /// <summary>Adds a video, unless it is there already.</summary>
    internal void Add(int sample) => here.TryAdd(sample, true);

    /// <summary>Adds those that other ranks found.</summary>
    internal void Add(IEnumerable<string> paths) => elsewhere.AddRange(paths.Except(Paths));
}
