using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// Cuts clips into tubes and takes those that are wanted. Clips travel as bytes, and only the tubes that were taken become
/// numbers; clips that hold numbers already are taken as normalised by ImageNet's statistics.
/// </summary>
public static class ClipTubes
{
    /// <summary>ImageNet's mean of red, green and blue.</summary>
    public static ReadOnlySpan<float> Mean => [0.485f, 0.456f, 0.406f];

    /// <summary>ImageNet's deviation of red, green and blue.</summary>
    public static ReadOnlySpan<float> Deviation => [0.229f, 0.224f, 0.225f];

    /// <summary>
    /// Clips [B, T, H, W, 3] to tubes [B, N, P] in the order time, row, column, each tube's P = tubeFrames·tubeSize²·3
    /// numbers pixel-major with the colour last. Bytes stay bytes.
    /// </summary>
    public static Tensor Cut(Tensor clips, int tubeFrames, int tubeSize)
    {
        var shape = clips.Shape;
        var (batch, slices, rows, columns) = (shape[0], shape[1] / tubeFrames, shape[2] / tubeSize, shape[3] / tubeSize);
        var split = F.Reshape(clips, batch, slices, tubeFrames, rows, tubeSize, columns, tubeSize, 3);
        return F.Reshape(F.Permute(split, 0, 1, 3, 5, 2, 4, 6, 7), batch, slices * rows * columns, tubeFrames * tubeSize * tubeSize * 3);
    }

    /// <summary>The tubes [B, n, P] at an index [B, n] of [B, N, P], as they are stored.</summary>
    public static Tensor Take(Tensor tubes, Tensor index)
    {
        var (shape, wanted) = (tubes.Shape, index.Shape);
        var offsets = F.Unsqueeze(F.Arange(shape[0], device: index.Device) * shape[1], 1); // [B, 1]
        var rows = F.IndexSelect(F.Reshape(tubes, -1, shape[2]), 0, F.Reshape(index + offsets, -1));
        return F.Reshape(rows, wanted[0], wanted[1], shape[2]);
    }

    /// <summary>Pixels [B, n, P] in [0, 1].</summary>
    public static Tensor Unit(Tensor tubes) => tubes.Type == ScalarType.UInt8
        ? F.To(tubes, ScalarType.Float32) / 255
        : tubes * Colours(Deviation, tubes) + Colours(Mean, tubes);

    /// <summary>Pixels [B, n, P] normalised by ImageNet's statistics.</summary>
    public static Tensor Normalised(Tensor tubes) => tubes.Type == ScalarType.UInt8
        ? (F.To(tubes, ScalarType.Float32) / 255 - Colours(Mean, tubes)) / Colours(Deviation, tubes)
        : tubes;

    /// <summary>Three numbers repeated over the pixels of a tube, on its device: [P].</summary>
    private static Tensor Colours(ReadOnlySpan<float> colours, Tensor tubes)
    {
        // Filled there: a copy from main memory would make a GPU wait.
        var three = F.Stack([.. colours.ToArray().Select(c => F.Full([], c, device: tubes.Device))], 0);
        return F.Reshape(F.Expand(F.Unsqueeze(three, 0), tubes.Size(-1) / 3, 3), -1);
    }
}
