using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>What a pre-training run is given besides its recipe's settings.</summary>
public sealed record PretrainOptions
{
    /// <summary>The settings of the run.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>A folder of videos or a list of them.</summary>
    public required string Data { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Out { get; init; }

    /// <summary>Weights to start from instead of drawn ones: a run's folder, one of its checkpoints, or a file.</summary>
    public string? Init { get; init; }

    /// <summary>Continue from the newest whole checkpoint in the run's folder, or start where there is none.</summary>
    public bool Resume { get; init; }

    /// <summary>End the run here, saved, without changing its schedule.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>Where to compute.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>The processes that share the work.</summary>
    public Ranks Ranks { get; init; } = Ranks.Alone;

    /// <summary>Where progress is shown.</summary>
    public TextWriter Progress { get; init; } = TextWriter.Null;

    /// <summary>Whether that is a terminal, on which a line can be rewritten.</summary>
    public bool Terminal { get; init; }
}

/// <summary>How a run ended.</summary>
/// <param name="Steps">Updates done in all.</param>
/// <param name="Checkpoint">The last checkpoint's folder.</param>
/// <param name="Loss">Of the last update; null where none was left to do.</param>
/// <param name="ClipsPerSecond">Mean over this process's updates.</param>
/// <param name="DataWait">Share of its time spent waiting for clips.</param>
/// <param name="Unreadable">Videos set aside, with the reason.</param>
/// <param name="Interrupted">Stopped by a signal, after saving.</param>
public sealed record PretrainSummary(
    long Steps, string? Checkpoint, double? Loss, double ClipsPerSecond, double DataWait, IReadOnlyList<string> Unreadable, bool Interrupted);
