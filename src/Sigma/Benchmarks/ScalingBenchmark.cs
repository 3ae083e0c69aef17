using System.Globalization;
using Sigma.Data;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>How cost grows: with tokens, batch, prototypes, and videos of a manifest.</summary>
public static class ScalingBenchmark
{
    /// <summary>One size and what it took.</summary>
    /// <param name="Size">How many.</param>
    /// <param name="Seconds">Median time.</param>
    /// <param name="SecondsPerUnit">Of one: it stays where it was when cost is linear.</param>
    /// <param name="BytesPerUnit">Memory of one, where that is measured.</param>
    public sealed record Point(int Size, double Seconds, double SecondsPerUnit, double? BytesPerUnit = null);

    /// <summary>Attention over clips of growing length: time for one pair of tokens, since cost is quadratic here alone.</summary>
    public static IReadOnlyList<Point> Attention(Device device, IEnumerable<int> tokens) => Points(tokens, n =>
    {
        using var scope = new TensorScope();
        var qkv = F.To(MadeUp.Numbers(1, 2, n, 3 * 3 * 64), device);
        qkv.RequiresGrad = true;
        var slope = F.To(MadeUp.Numbers(2, 2, n, 3 * 64), device);
        return Median(() =>
        {
            using var inner = new TensorScope();
            F.Attention(qkv, 3).Backward(slope);
            qkv.Grad = null;
            Engine.Wait(device);
        });
    }, n => (double)n * n);

    /// <summary>The whole step over growing batches.</summary>
    public static IReadOnlyList<Point> Batch(Device device, IEnumerable<int> batches) => Points(batches, n =>
    {
        using var step = new StepBenchmark(Small(new ObjectiveRecipe()), n, device);
        return step.Seconds(4);
    });

    /// <summary>Scores, Sinkhorn and loss of the step over growing numbers of prototypes.</summary>
    public static IReadOnlyList<Point> Prototypes(Device device, IEnumerable<int> prototypes) => Points(prototypes, n =>
    {
        using var scope = new TensorScope();
        var (features, table) = (F.Normalize(MadeUp.Numbers(1, 1408, 256), 1), F.Normalize(MadeUp.Numbers(2, n, 256), 1));
        (features, table) = (F.To(features, device), F.To(table, device));
        features.RequiresGrad = true;
        return Median(() =>
        {
            using var inner = new TensorScope();
            Tensor scores;
            using (new NoGrad())
                scores = F.Linear(features, table);
            var labels = Objectives.Sinkhorn.Labels(scores, 0.05, 10);
            F.ProductCrossEntropy(features, table, scores, labels, 0.1).Backward();
            features.Grad = null;
            Engine.Wait(device);
        });
    });

    /// <summary>
    /// Reading a list of so many videos and making the order of an epoch: what happens before a run's first clip. No video
    /// is opened.
    /// </summary>
    public static IReadOnlyList<Point> Videos(IEnumerable<int> counts) => [.. counts.Select(n =>
    {
        using var folder = new TemporaryFolder();
        var list = Path.Combine(folder.Path, "list.txt");
        File.WriteAllLines(list, Enumerable.Range(0, n).Select(i => string.Create(CultureInfo.InvariantCulture, $"some/class {i % 400:000}/video {i:0000000}.mp4\t{i % 400}")));
        var seconds = Median(() => _ = new EpochOrder(0, 0, Manifest.Load(list, labels: true).Count));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var manifest = Manifest.Load(list, labels: true);
        var order = new EpochOrder(0, 0, manifest.Count);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(manifest);
        GC.KeepAlive(order);
        return new Point(n, seconds, seconds / n, (double)bytes / n);
    })];

    private static Recipe Small(ObjectiveRecipe objective) => new()
    {
        Model = ModelRecipe.Of(ModelSize.VitTi),
        Clip = new ClipRecipe { Size = 112 },
        Objective = objective with { Prototypes = 500, Projection = [256, 128] },
    };

    private static Point[] Points(IEnumerable<int> sizes, Func<int, double> measure, Func<int, double>? units = null) =>
        [.. sizes.Select(n => (Size: n, Seconds: measure(n))).Select(p => new Point(p.Size, p.Seconds, p.Seconds / (units?.Invoke(p.Size) ?? p.Size)))];

    private static double Median(Action action)
    {
        action();
        return PairedTiming.Median(Enumerable.Range(0, 5).Select(_ => PairedTiming.Seconds(action)));
    }
}
