namespace Sigma.Evaluation.Severe;

/// <summary>An experiment that was run.</summary>
/// <param name="Experiment">Which.</param>
/// <param name="Result">Everything about it.</param>
public sealed record SevereOutcome(SevereExperiment Experiment, EvaluationResult Result)
{
    /// <summary>Its figure.</summary>
    public double Value => Result.Figures[Experiment.Figure];

    /// <summary>What it adds to the mean.</summary>
    public double Points => Experiment.Points(Value);

    /// <summary>The mean over all eight as published, per cent; null where some are missing.</summary>
    public static double? Mean(IReadOnlyList<SevereOutcome> outcomes) =>
        SevereExperiment.All.All(e => outcomes.Any(o => o.Experiment == e)) ? outcomes.Average(o => o.Points) : null;
}
