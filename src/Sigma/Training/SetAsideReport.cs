using Sigma.Data;

namespace Sigma.Training;

/// <summary>Names each unreadable video once, when it is found, and keeps the list beside the run; and those that a GPU left to the CPU.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="log">Where they are named.</param>
/// <param name="writes">Whether this process writes into the folder, as one rank does for all.</param>
internal sealed class SetAsideReport(RunFolder run, RunLog log, bool writes)
{
    private readonly HashSet<string> named = [];
    private readonly List<string> lines = [];

    /// <summary>Takes note of those that are new.</summary>
    public void Add(UnreadableVideos videos)
    {
        if (videos.Count == 0)
            return;
        var before = lines.Count;
        foreach (var video in videos.List.Where(v => named.Add(v.Path)))
        {
            log.Say($"set aside, cannot be read: {video.Path}: {video.Reason}");
            lines.Add($"{video.Path}\t{video.Reason}");
        }
        if (writes && lines.Count > before)
            File.WriteAllLines(run.Unreadable, lines);
    }

    /// <summary>Tells at a run's end of how many videos something is true, and names the first of them.</summary>
    /// <param name="videos">Their paths; nothing is said of none.</param>
    /// <param name="what">What goes between their number and their names.</param>
    public void Tell(IReadOnlyList<string> videos, string what)
    {
        if (videos.Count > 0)
            log.Say($"{videos.Count} videos {what}: {string.Join(", ", videos.Take(10))}{(videos.Count > 10 ? " …" : "")}");
    }

    /// <summary>Tells at a run's end what <c>data.decoder: nvdec</c> left to the CPU.</summary>
    public void TellOnCpu(IReadOnlyList<string> videos) => Tell(videos, "were decoded on the CPU, as the GPU does not take them");
}
