using Sigma.Media;

namespace Sigma.Data;

/// <summary>A video that could not be read.</summary>
/// <param name="Path">The file.</param>
/// <param name="Reason">Why, on one line.</param>
public sealed record UnreadableVideo(string Path, string Reason)
{
    internal static UnreadableVideo From(MediaException failure)
    {
        // The message begins with the file's name, and may go on for lines.
        var reason = failure.Message.AsSpan();
        if (reason.StartsWith($"{failure.Path}: ", StringComparison.Ordinal))
            reason = reason[(failure.Path.Length + 2)..];
        var end = reason.IndexOf('\n');
        return new(failure.Path, reason[..(end < 0 ? reason.Length : end)].Trim().ToString());
    }
}

/// <summary>The videos that could not be read, each once, in the order they were found. Safe to use from several threads.</summary>
public sealed class UnreadableVideos
{
    private readonly Lock gate = new();
    private readonly HashSet<string> paths = [];
    private readonly List<UnreadableVideo> videos = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return videos.Count;
        }
    }

    /// <summary>All that were found so far; a copy that does not grow.</summary>
    public IReadOnlyList<UnreadableVideo> List
    {
        get
        {
            lock (gate)
                return [.. videos];
        }
    }

    /// <summary>Adds a video, unless it is there already.</summary>
    /// <returns>whether it was new</returns>
    public bool Add(MediaException failure)
    {
        return Add(UnreadableVideo.From(failure));
    }

    /// <summary>Adds a video that another rank could not read, unless it is there already.</summary>
    /// <returns>whether it was new</returns>
    internal bool Add(UnreadableVideo video)
    {
        lock (gate)
        {
            if (!paths.Add(video.Path))
                return false;
            videos.Add(video);
            return true;
        }
    }
}
