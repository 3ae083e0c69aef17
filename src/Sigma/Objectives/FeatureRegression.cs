using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Objectives;

/// <summary>
/// The paper's ablation: mean squared error against φ's features, with φ trained along. A constant φ solves it, and
/// that is what it learns: kept to show the collapse that the clustering prevents.
/// </summary>
public sealed class FeatureRegression(ProjectionMlp projection) : IObjective
{
    /// <inheritdoc/>
    public ObjectiveResult Compute(Tensor predictions, Tensor targets)
    {
        var features = F.To(projection.Forward(targets), ScalarType.Float32);
        predictions = F.To(predictions, ScalarType.Float32);
        var width = features.Size(-1);
        return new(F.MseLoss(predictions, features), F.Reshape(F.Detach(features), -1, width), F.Reshape(F.Detach(predictions), -1, width));
    }
}
