using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Severe;

/// <summary>How the experiments are run.</summary>
public sealed record SevereOptions
{
    /// <summary>The pre-trained weights that every experiment starts from.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The folder that holds the data sets, each in a folder of its own.</summary>
    public required string Root { get; init; }

    /// <summary>The fine-tuning recipe; its sampling and mirroring give way to what an experiment wants.</summary>
    public required FineTuneRecipe Recipe { get; init; }

    /// <summary>Receives a run for each experiment.</summary>
    public required string Out { get; init; }

    /// <summary>Which experiments.</summary>
    public IReadOnlyList<SevereExperiment> Experiments { get; init; } = SevereExperiment.All;

    /// <summary>Take over the experiments that are done, and go on with those that are not.</summary>
    public bool Resume { get; init; }

    /// <summary>Where to compute.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>The processes that share the work.</summary>
    public Ranks Ranks { get; init; } = Ranks.Alone;

    /// <summary>Where progress is shown.</summary>
    public TextWriter Progress { get; init; } = TextWriter.Null;

    /// <summary>Whether that is a terminal.</summary>
    public bool Terminal { get; init; }
}
