using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Evaluation.Segmentation;

/// <summary>Tokens of a frozen encoder that sees every tube of a clip.</summary>
internal static class PatchFeatures
{
    /// <summary>
    /// Frames of bytes [T, H, W, 3], on the encoder's device, to tokens [S, R, R, D] on the CPU, S = T / tube frames. A clip
    /// longer than the encoder's positions goes through it in pieces.
    /// </summary>
    /// <exception cref="BadInputException">T is no multiple of a tube's frames.</exception>
    public static Tensor Of(VideoEncoder encoder, Tensor frames)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var shape = encoder.Shape;
        var (count, longest) = ((int)frames.Size(0), shape.Slices * shape.TubeFrames);
        if (count % shape.TubeFrames != 0)
            throw new BadInputException($"the network's tubes are {shape.TubeFrames} frames long, and {count} frames are no multiple of that");
        var pieces = new List<Tensor>();
        for (var first = 0; first < count; first += longest)
        {
            using var piece = new TensorScope();
            var clip = F.Unsqueeze(F.Narrow(frames, 0, first, Math.Min(longest, count - first)), 0); // [1, T, H, W, 3]
            pieces.Add(piece.Keep(F.To(F.Reshape(encoder.Forward(clip), -1, shape.Rows, shape.Rows, shape.Width), Device.Cpu)));
        }
        return scope.Keep(F.Contiguous(F.Cat([.. pieces], 0)));
    }
}
