using Sigma.Training;

namespace Sigma.Board;

/// <summary>What became of a run.</summary>
internal enum RunPhase
{
    /// <summary>A process trains.</summary>
    Running,

    /// <summary>All its updates are done.</summary>
    Finished,

    /// <summary>Ended early by a signal, and saved.</summary>
    Stopped,

    /// <summary>Its process ended without a word.</summary>
    Killed,

    /// <summary>It stopped itself because what it predicts became the same everywhere.</summary>
    Collapsed,

    /// <summary>It ended with a failure.</summary>
    Failed,
}

/// <summary>How a run stands now.</summary>
/// <param name="Phase">What became of it.</param>
/// <param name="Note">What ended it, or what its alarm said; null for nothing.</param>
/// <param name="FineTunes">Whether it trains a classifier.</param>
/// <param name="Latest">The figures of its last update; null before the first.</param>
/// <param name="Total">Updates that it will have done; null where that is not known.</param>
/// <param name="SecondsLeft">At the speed of the last updates; null where it does not run, or that is not known.</param>
/// <param name="Top1">The best validation so far; null without one.</param>
/// <param name="Moved">When a file of it was last written.</param>
/// <param name="Files">What of <see cref="RunFile.All"/> is there.</param>
internal sealed record RunStatus(
    RunPhase Phase, string? Note, bool FineTunes, StepMetrics? Latest, long? Total, double? SecondsLeft, double? Top1, DateTime Moved, IReadOnlyList<RunFile> Files);

/// <summary>A file of a run that can be looked at.</summary>
/// <param name="Name">In the run's folder.</param>
/// <param name="Label">As the link says it.</param>
/// <param name="Type">Its media type.</param>
internal sealed record RunFile(string Name, string Label, string Type)
{
    private const string Text = "text/plain; charset=utf-8";

    /// <summary>All that may be asked for.</summary>
    public static readonly RunFile[] All =
    [
        new("report.html", "report", "text/html; charset=utf-8"), new("log.txt", "log", Text), new("recipe.yaml", "recipe", Text),
        new("unreadable.txt", "set aside", Text), new("test.json", "test", "application/json"),
    ];
}
