using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Benchmarks;

/// <summary>Attention, forward and backward, beside its plain composition.</summary>
public static class AttentionBenchmark
{
    /// <summary>Times both on the same numbers.</summary>
    /// <param name="device">Where.</param>
    /// <param name="batch">Clips B.</param>
    /// <param name="tokens">Tokens N of a clip.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="width">Channels of a head.</param>
    /// <param name="pairs">How many pairs are timed.</param>
    public static BenchResult Run(Device device, int batch, int tokens, int heads, int width, int pairs)
    {
        using var scope = new TensorScope();
        var type = device.IsCuda ? ScalarType.BFloat16 : ScalarType.Float32;
        var qkv = F.To(MadeUp.Numbers(1, batch, tokens, 3 * heads * width), type, device);
        var slope = F.To(MadeUp.Numbers(2, batch, tokens, heads * width), type, device);
        qkv.RequiresGrad = true;
        var (forward, backward) = (new List<double>(), new List<double>());

        void Round(Func<Tensor, int, Tensor> mix, bool note)
        {
            using var inner = new TensorScope();
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var mixed = mix(qkv, heads);
            Engine.Wait(device);
            var half = watch.Elapsed.TotalSeconds;
            mixed.Backward(slope);
            qkv.Grad = null;
            Engine.Wait(device);
            if (note)
            {
                forward.Add(half);
                backward.Add(watch.Elapsed.TotalSeconds - half);
            }
        }
        var timing = PairedTiming.Measure(() => Round(F.Attention, true), () => Round(PublishedAttention.Mix, false), pairs);
        var memory = MemoryUse.Ratio(() => Round(F.Attention, false), () => Round(PublishedAttention.Mix, false), device);
        var ceiling = MatrixCeiling.Measure(device, type);
        var operations = 12.0 * tokens * tokens * heads * width; // three times 4·N²·D
        return new BenchResult(
            timing.Ratio, batch / timing.Ours, operations / 1e9, ceiling / 1e9, batch * operations / timing.Ours / ceiling, memory,
            new Dictionary<string, double>
            {
                ["forward"] = PairedTiming.Median(forward) / timing.Ours,
                ["backward"] = PairedTiming.Median(backward) / timing.Ours,
            });
    }
}
