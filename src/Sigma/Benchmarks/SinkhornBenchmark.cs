using Sigma.Objectives;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>Labels by Sinkhorn's iterations, beside the published way of storing and rewriting Q.</summary>
public static class SinkhornBenchmark
{
    private const int Width = 256;

    /// <summary>Times both on the scores of made-up features.</summary>
    /// <param name="device">Where.</param>
    /// <param name="samples">Hidden tubes N of a batch; 1408 are a clip's.</param>
    /// <param name="prototypes">Prototypes K.</param>
    /// <param name="iterations">Rounds.</param>
    /// <param name="epsilon">Regularisation.</param>
    /// <param name="pairs">How many pairs are timed.</param>
    public static BenchResult Run(Device device, int samples, int prototypes, int iterations, double epsilon, int pairs)
    {
        using var scope = new TensorScope();
        var scores = F.To(F.Linear(F.Normalize(MadeUp.Numbers(1, samples, Width), 1), F.Normalize(MadeUp.Numbers(2, prototypes, Width), 1)), device);
        void Ours()
        {
            Sinkhorn.Labels(scores, epsilon, iterations).Dispose();
            Engine.Wait(device);
        }
        void Plain()
        {
            using var inner = new TensorScope();
            F.ArgMax(PublishedSinkhorn.Assign(scores, epsilon, iterations), 1);
            Engine.Wait(device);
        }
        var timing = PairedTiming.Measure(Ours, Plain, pairs);
        var clips = (double)samples / new MaskRecipe().HiddenTubes(new ClipRecipe());
        return new BenchResult(
            timing.Ratio, clips / timing.Ours, null, null, null, MemoryUse.Ratio(Ours, Plain, device),
            new Dictionary<string, double>());
    }
}
