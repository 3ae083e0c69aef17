using Sigma.Torch;

namespace Sigma.Objectives;

/// <summary>What an objective computed for one batch: the loss, and what the health of the run is read from.</summary>
/// <param name="Loss">A scalar to run backward from.</param>
/// <param name="TargetFeatures">[N, D], what the predictions are compared with, without history.</param>
/// <param name="PredictedFeatures">[N, D], the predictions, without history.</param>
/// <param name="TargetLabels">[N], the clusters the targets were assigned to; null where nothing is clustered.</param>
/// <param name="MarginalError">How far Sinkhorn's prototypes were from even use for the targets (<see cref="Sinkhorn.Balance"/>), a scalar; null without.</param>
public sealed record ObjectiveResult(
    Tensor Loss, Tensor TargetFeatures, Tensor PredictedFeatures, Tensor? TargetLabels = null, Tensor? MarginalError = null)
{
    /// <summary>Moves the tensors out of a scope into the one around it.</summary>
    public ObjectiveResult KeptFrom(TensorScope scope) => Map(scope.Keep);

    /// <summary>Each tensor through a function.</summary>
    internal ObjectiveResult Map(Func<Tensor, Tensor> change) => new(
        change(Loss), change(TargetFeatures), change(PredictedFeatures),
        TargetLabels is null ? null : change(TargetLabels), MarginalError is null ? null : change(MarginalError));
}
