using System.Diagnostics;

namespace Sigma.Board;

/// <summary>The folder whose runs are shown, searched to any depth; links in it are not followed.</summary>
/// <param name="path">Where it is.</param>
internal sealed class RunsFolder(string path)
{
    private static readonly EnumerationOptions Search = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
    };

    private readonly SortedDictionary<string, WatchedRun> runs = new(StringComparer.Ordinal);
    private readonly Stopwatch sinceSearch = new();
    private TimeSpan pause;

    /// <summary>Where it is.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Every run by its name, with how it stands, in the order of their names. A folder that vanished is none.</summary>
    public IReadOnlyList<(WatchedRun Run, RunStatus Status)> Look()
    {
        if (!sinceSearch.IsRunning || sinceSearch.Elapsed > pause)
            Find();
        var found = new List<(WatchedRun, RunStatus)>();
        foreach (var run in runs.Values.Where(run => run.Exists))
        {
            try
            {
                found.Add((run, run.Look()));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Somebody takes it away just now.
            }
        }
        return found;
    }

    /// <summary>The run of that name among those that were last found; null for none.</summary>
    public WatchedRun? Named(string name) => runs.GetValueOrDefault(name);

    // Folders of data beside the runs can hold very many files: looking for runs takes a twentieth of the time at most.
    private void Find()
    {
        sinceSearch.Restart();
        try
        {
            var names = Directory.EnumerateDirectories(Path, "*", Search).Prepend(Path).Where(WatchedRun.IsIn)
                .ToDictionary(folder => System.IO.Path.GetRelativePath(Path, folder));
            foreach (var gone in runs.Keys.Except(names.Keys).ToList())
                runs.Remove(gone);
            foreach (var name in names.Keys.Except(runs.Keys).ToList())
                runs[name] = new WatchedRun(names[name], name);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            runs.Clear();
        }
        pause = TimeSpan.FromSeconds(Math.Max(1, 20 * sinceSearch.Elapsed.TotalSeconds));
    }
}
