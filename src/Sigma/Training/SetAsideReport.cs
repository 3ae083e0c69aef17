using Sigma.Data;

namespace Sigma.Training;

/// <summary>Names each unreadable video once, when it is found, and keeps the list beside the run; and tells at its end what else was found.</summary>
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
            WholeFile.WriteLines(run.Unreadable, lines);
    }

    /// <summary>Tells at a run's end of how many videos something is true, and names the first of them.</summary>
    /// <param name="videos">Which; nothing is said of none.</param>
    /// <param name="what">What goes between their number and their names.</param>
    public void Tell(VideoMarks videos, string what)
    {
        if (videos.Paths is { Count: > 0 } paths)
            log.Say($"{paths.Count} {(paths.Count == 1 ? "video" : "videos")} {what}: {string.Join(", ", paths.Take(10))}{(paths.Count > 10 ? " …" : "")}");
    }

    /// <summary>Tells at a run's end what <c>data.decoder: nvdec</c> left to the CPU.</summary>
    public void TellOnCpu(VideoFindings findings) => Tell(findings.OnCpu, "decoded on the CPU, not taken by the GPU");
}
