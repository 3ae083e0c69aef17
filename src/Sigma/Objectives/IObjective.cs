using Sigma.Torch;

namespace Sigma.Objectives;

/// <summary>Compares the decoder's predictions with the targets of the hidden tubes.</summary>
public interface IObjective
{
    /// <summary>
    /// The loss of a batch, in float32 whatever the inputs' type.
    /// </summary>
    /// <param name="predictions">[B, M, D] from the decoder.</param>
    /// <param name="targets">[B, M, P]: standardised pixels or a teacher's tokens of the same tubes.</param>
    ObjectiveResult Compute(Tensor predictions, Tensor targets);
}
