using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>The largest memory that tensors took on the way, counted by the allocator of their device.</summary>
internal static class MemoryUse
{
    /// <summary>Our peak over the plain way's, each counted from what is held before.</summary>
    public static double? Ratio(Action ours, Action plain, Device device)
    {
        var (own, other) = (Peak(ours, device), Peak(plain, device));
        return other > 0 ? (double)own / other : null;
    }

    /// <summary>Bytes beside those held before; 0 on a GPU whose engine cannot tell.</summary>
    public static long Peak(Action action, Device device)
    {
        Engine.ForgetPeak(device);
        var before = Engine.PeakBytes(device);
        action();
        return Engine.PeakBytes(device) - before;
    }
}
