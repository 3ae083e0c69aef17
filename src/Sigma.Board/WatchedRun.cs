using System.Text;
using Sigma.Recipes;
using Sigma.Training;
using Sigma.Training.Report;

namespace Sigma.Board;

/// <summary>A run's folder, looked at again and again while the run may write it. Only what is new is read.</summary>
internal sealed class WatchedRun
{
    /// <summary>Stands before the names of the curves from <c>validation.jsonl</c>.</summary>
    public const string ValidationCurves = "validation/";

    private const int TailBytes = 1 << 15;
    private const int LongestRecipe = 100_000;

    private readonly RunFolder run;
    private readonly FigureFile metrics;
    private readonly FigureFile validation;
    private readonly LogStory log;
    private (long Length, DateTime Written)? seen;
    private IReadOnlyList<StepMetrics> recent = [];
    private (long Length, DateTime Written)? recipeSeen;
    private IReadOnlyDictionary<string, string> recipe = new Dictionary<string, string>();

    /// <summary>Takes a folder, which may vanish.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="name">Its path below the folder of the runs.</param>
    public WatchedRun(string folder, string name)
    {
        (run, Name) = (new RunFolder(folder, writes: false), name);
        (metrics, validation, log) = (new FigureFile(run.Metrics), new FigureFile(run.Validation, ValidationCurves), new LogStory(run.Log));
    }

    /// <summary>Its path below the folder of the runs.</summary>
    public string Name { get; }

    /// <summary>Whether the folder holds a run, one that has just begun included.</summary>
    public bool Exists => IsIn(run);

    /// <summary>Whether a folder holds a run.</summary>
    public static bool IsIn(string folder) => IsIn(new RunFolder(folder, writes: false));

    /// <summary>How it stands; of the figures, only the end of the file is read for that.</summary>
    /// <exception cref="IOException">A file cannot be read any more.</exception>
    public RunStatus Look()
    {
        log.Read();
        var scores = validation.Read();
        var latest = Recent() is [.., var last] ? last : null;
        var (claimed, done) = (run.IsClaimed(), latest is not null && latest.Step >= log.Total);
        var phase = (claimed, log.Ended) switch
        {
            (true, _) => RunPhase.Running,
            (_, { } why) => why.StartsWith("collapse at step ", StringComparison.Ordinal) ? RunPhase.Collapsed : RunPhase.Failed,
            (null, _) => RunPhase.Killed,
            _ => done ? RunPhase.Finished : RunPhase.Stopped,
        };
        return new(
            phase, claimed == true ? log.Alarm : log.Ended ?? log.Alarm, Recipe().Keys.Any(key => key.StartsWith("augmentation.", StringComparison.Ordinal)), latest, log.Total,
            phase == RunPhase.Running && latest is not null && !done ? (log.Total - latest.Step) * recent.Average(m => m.Seconds) : null,
            scores.TryGetValue(ValidationCurves + "top1", out var top1) && top1.Stretches.Count > 0 ? top1.Stretches.Max(s => s.Highest) : null,
            new[] { run.Metrics, run.Validation, run.Log }.Where(File.Exists).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty().Max(),
            [.. RunFile.All.Where(file => PlainFile.Stamp(run.In(file.Name)) is not null)]);
    }

    /// <summary>All its curves by their names in the files.</summary>
    public IReadOnlyDictionary<string, GrowingCurve> Curves() => new Dictionary<string, GrowingCurve>(metrics.Read().Concat(validation.Read()));

    /// <summary>The settings of its resolved recipe; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Recipe()
    {
        var now = PlainFile.Stamp(run.Recipe);
        if (now == recipeSeen)
            return recipe;
        recipeSeen = now;
        using var file = PlainFile.Open(run.Recipe);
        if (file is null)
            return recipe = new Dictionary<string, string>();
        var text = new char[LongestRecipe];
        using var reader = new StreamReader(file);
        return recipe = RecipeDifference.Values(new string(text, 0, reader.ReadBlock(text)));
    }

    /// <summary>Opens one of its files; null where there is none.</summary>
    public FileStream? Open(RunFile file) => PlainFile.Open(run.In(file.Name));

    private static bool IsIn(RunFolder run) => File.Exists(run.Metrics) || (File.Exists(run.Recipe) && File.Exists(run.Log));

    // The last updates: all of a long run would be read for its curves only.
    private IReadOnlyList<StepMetrics> Recent()
    {
        var now = PlainFile.Stamp(run.Metrics);
        if (now == seen)
            return recent;
        seen = now;
        using var file = PlainFile.Open(run.Metrics);
        if (file is null)
            return recent = [];
        file.Position = Math.Max(0, file.Length - TailBytes);
        var bytes = new byte[TailBytes];
        var count = file.ReadAtLeast(bytes, TailBytes, throwOnEndOfStream: false);
        return recent = [.. Encoding.UTF8.GetString(bytes, 0, count).Split('\n').Select(StepMetrics.FromJson).OfType<StepMetrics>()];
    }
}
