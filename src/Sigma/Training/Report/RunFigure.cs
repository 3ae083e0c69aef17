namespace Sigma.Training.Report;

/// <summary>A figure that a run records, and how its chart is called.</summary>
/// <param name="Key">Its name in <c>metrics.jsonl</c>; of a part of an object, <c>object/name</c>.</param>
/// <param name="Title">What is measured.</param>
/// <param name="Unit">Its unit; empty where there is none, or where it depends on the run.</param>
/// <param name="Of">Reads it from an update; null where it was not measured.</param>
internal sealed record RunFigure(string Key, string Title, string Unit, Func<StepMetrics, double?> Of)
{
    /// <summary>The loss, whose unit is the objective's.</summary>
    public static readonly RunFigure Loss = new("loss", "Loss", "", m => m.Loss);

    /// <summary>How evenly the targets spread over the prototypes.</summary>
    public static readonly RunFigure PrototypeUse = new("prototypeEntropy", "Prototype use", "entropy / ln K", m => m.PrototypeEntropy);

    /// <summary>The rate of the update.</summary>
    public static readonly RunFigure LearningRate = new("lr", "Learning rate", "", m => m.Lr);

    /// <summary>What tells collapse and divergence.</summary>
    public static readonly RunFigure[] Health =
    [
        new("rankTargets", "Rank of the targets", "RankMe", m => m.RankTargets),
        new("rankPredictions", "Rank of the predictions", "RankMe", m => m.RankPredictions),
        new("spreadTargets", "Spread of the targets", "variance over tubes", m => m.SpreadTargets),
        new("deadPrototypes", "Dead prototypes", "share", m => m.DeadPrototypes),
        new("marginalError", "Marginal error of Sinkhorn", "share", m => m.MarginalError),
        new("gradNorm", "Gradient norm", "", m => m.GradNorm),
    ];

    /// <summary>What tells how well the machine is used.</summary>
    public static readonly RunFigure[] Speed =
    [
        new("clipsPerSecond", "Speed", "clips/s", m => m.ClipsPerSecond),
        new("dataWait", "Waiting for clips", "share of a step", m => m.DataWait),
        new("utilisation", "Utilisation", "of what matrix products reach", m => m.Utilisation),
    ];

    /// <summary>The loss of scores that tell no prototype from another, both ways.</summary>
    /// <param name="prototypes">K.</param>
    public static ReferenceLevel BlindGuessing(int prototypes) => new(2 * Math.Log(prototypes), $"2 ln {prototypes}, blind guessing");

    /// <summary>The chart of a run.</summary>
    public ReportCurve Curve(IReadOnlyList<StepMetrics> metrics) =>
        new(Title, Unit, [.. metrics.Select(m => ((double)m.Step, Value: Of(m))).Where(p => p.Value.HasValue).Select(p => (p.Item1, p.Value!.Value))]);
}
