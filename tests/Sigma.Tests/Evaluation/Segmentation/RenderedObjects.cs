using Sigma.Evaluation.Segmentation;
using Sigma.Torch;

namespace Sigma.Tests.Evaluation.Segmentation;

/// <summary>Three things that move before a background: a disc, a square and a bar, the nearest last.</summary>
internal static class RenderedObjects
{
    public const int Objects = 4; // with the background

    /// <summary>Masks [T, size, size]; what moves, moves every second frame, so that a tube holds one state.</summary>
    public static ObjectMasks Masks(int frames = 8, int size = 224)
    {
        var numbers = new byte[frames * size * size];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = At(i / (size * size) / 2, (i % size + 0.5) / size, (i / size % size + 0.5) / size);
        return new(numbers, frames, size);
    }

    /// <summary>The truth as features: one channel an object, 1 where it is. [T / 2, size, size, objects].</summary>
    public static Tensor OneHot(ObjectMasks masks)
    {
        var (plane, slices) = (masks.Size * masks.Size, masks.Frames / 2);
        var values = new float[slices * plane * Objects];
        for (var slice = 0; slice < slices; slice++)
        {
            for (var i = 0; i < plane; i++)
                values[(slice * plane + i) * Objects + masks.Numbers[2 * slice * plane + i]] = 1;
        }
        return Tensor.From(values, slices, masks.Size, masks.Size, Objects);
    }

    private static byte At(int step, double x, double y)
    {
        var shift = 0.05 * step;
        if (x is > 0.1 and < 0.22 && y > 0.1 + shift && y < 0.7 + shift)
            return 3;
        if (Math.Abs(x - 0.7 + shift) < 0.1 && Math.Abs(y - 0.3) < 0.1)
            return 2;
        return (x - 0.5) * (x - 0.5) + (y - 0.6 + shift) * (y - 0.6 + shift) < 0.04 ? (byte)1 : (byte)0;
    }
}
