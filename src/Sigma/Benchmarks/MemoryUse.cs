using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>The largest memory that tensors took on the way, counted by the engine's own allocator.</summary>
internal static class MemoryUse
{
    /// <summary>Our peak over the plain way's, each counted from what is held before.</summary>
    public static double Ratio(Action ours, Action plain) => (double)Peak(ours) / Peak(plain);

    /// <summary>Bytes beside those held before.</summary>
    public static long Peak(Action action)
    {
        var before = Engine.TensorBytes;
        Engine.ForgetPeak();
        action();
        return Engine.PeakTensorBytes - before;
    }
}
