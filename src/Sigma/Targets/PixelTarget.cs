using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Targets;

/// <summary>
/// The pixels of the tubes themselves, in [0, 1], colour last; standardised: each colour channel of a tube minus its
/// mean, over its unbiased deviation + 1e-6.
/// </summary>
/// <param name="width">Numbers of one tube.</param>
/// <param name="standardise">Per tube and channel, as published; else plain.</param>
public sealed class PixelTarget(int width, bool standardise) : ITarget
{
    /// <inheritdoc/>
    public int Width => width;

    /// <inheritdoc/>
    public Tensor Of(Tensor clips, Tensor tubes, Tensor hidden, Tensor? tokens = null)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var taken = ClipTubes.Take(tubes, hidden);
        if (standardise && taken.Type == ScalarType.UInt8 && !taken.Device.IsCuda)
            return scope.Keep(F.StandardiseBytes(taken));
        var pixels = ClipTubes.Unit(taken); // [B, M, P]
        if (!standardise)
            return scope.Keep(pixels);
        var shape = pixels.Shape;
        var colours = F.Reshape(pixels, shape[0], shape[1], -1, 3); // [B, M, P/3, 3]
        var deviation = F.Sqrt(F.Variance(colours, [2], unbiased: true, keep: true)) + 1e-6;
        return scope.Keep(F.Reshape((colours - F.Mean(colours, [2], keep: true)) / deviation, shape));
    }
}
