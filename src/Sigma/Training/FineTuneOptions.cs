using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>What a fine-tuning run is given besides its recipe's settings.</summary>
public sealed record FineTuneOptions
{
    /// <summary>The settings of the run.</summary>
    public required FineTuneRecipe Recipe { get; init; }

    /// <summary>Training videos with their classes: a folder or a list.</summary>
    public required string Data { get; init; }

    /// <summary>Validation videos with classes of the same names.</summary>
    public required string Validation { get; init; }

    /// <summary>
    /// The pre-trained weights: a run's folder, one of its checkpoints, or a published file. A run that continues needs none.
    /// </summary>
    public string? Init { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Out { get; init; }

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
