using Sigma.Torch;

namespace Sigma.Targets;

/// <summary>What the decoder's predictions for hidden tubes are compared with.</summary>
public interface ITarget
{
    /// <summary>Numbers for one tube.</summary>
    int Width { get; }

    /// <summary>Operations that making the targets of one clip takes beside those of the objective: a teacher's.</summary>
    double OperationsPerClip => 0;

    /// <summary>
    /// Targets of the hidden tubes, without gradient.
    /// </summary>
    /// <param name="clips">[B, T, H, W, 3], bytes, or normalised numbers.</param>
    /// <param name="tubes">[B, N, P], the same cut into tubes.</param>
    /// <param name="hidden">[B, M], which tubes.</param>
    /// <param name="tokens">[B, N, Width], a teacher's tokens that were made ahead; null where none are stored.</param>
    /// <returns>[B, M, Width].</returns>
    Tensor Of(Tensor clips, Tensor tubes, Tensor hidden, Tensor? tokens = null);
}
