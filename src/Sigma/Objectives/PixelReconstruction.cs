using Sigma.Torch;

namespace Sigma.Objectives;

/// <summary>VideoMAE: mean squared error between predicted and real pixels of the hidden tubes.</summary>
public sealed class PixelReconstruction : IObjective
{
    /// <inheritdoc/>
    public ObjectiveResult Compute(Tensor predictions, Tensor targets)
    {
        predictions = F.To(predictions, ScalarType.Float32);
        var width = targets.Size(-1);
        return new(F.MseLoss(predictions, targets), F.Reshape(targets, -1, width), F.Reshape(F.Detach(predictions), -1, width));
    }
}
