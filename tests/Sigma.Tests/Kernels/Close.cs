using Sigma.Torch;
using Xunit.Sdk;

namespace Sigma.Tests.Kernels;

/// <summary>Compares tensors elementwise, relative to the largest magnitude of what is wanted.</summary>
internal static class Close
{
    public static void Assert(Tensor wanted, Tensor got, double tolerance, string what = "values")
    {
        if (!wanted.Shape.AsSpan().SequenceEqual(got.Shape))
            throw new XunitException($"{what}: {got} instead of {wanted}");
        var (right, ours) = (wanted.ToArray<double>(), got.ToArray<double>());
        var largest = right.Max(Math.Abs);
        for (var i = 0; i < right.Length; i++)
        {
            if (!(Math.Abs(right[i] - ours[i]) <= tolerance * largest))
                throw new XunitException($"{what}[{i}]: {ours[i]:g7} instead of {right[i]:g7}, allowed {tolerance:g2} of {largest:g3}");
        }
    }
}
