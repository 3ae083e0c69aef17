using Sigma.Data;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Frozen;

/// <summary>How a probe is trained.</summary>
/// <param name="Epochs">Passes over the training clips.</param>
/// <param name="Batch">Clips of an update.</param>
/// <param name="Rate">Largest rate; it falls to 0 by a cosine (ours: no schedule is published for the probes).</param>
/// <param name="Decay">Weight decay of the matrices.</param>
/// <param name="Seed">Of initial weights and order.</param>
public sealed record ProbeSettings(int Epochs, int Batch, double Rate, double Decay, long Seed);

/// <summary>Trains probes on stored features with AdamW and the cross-entropy, and scores videos with them.</summary>
internal static class ProbeTraining
{
    /// <summary>Trains a probe on all views of some videos, every view a clip of its own.</summary>
    /// <param name="head">The probe.</param>
    /// <param name="features">Stored features.</param>
    /// <param name="videos">Which of their videos.</param>
    /// <param name="settings">Rate, length, batch.</param>
    /// <param name="stop">Ends it early.</param>
    public static void Fit(ProbeHead head, StoredFeatures features, IReadOnlyList<int> videos, ProbeSettings settings, CancellationToken stop)
    {
        int[] rows = [.. videos.SelectMany(v => Enumerable.Range(v * features.Views, features.Views))];
        var steps = (rows.Length + settings.Batch - 1) / settings.Batch;
        var rates = new WarmupCosine(settings.Rate, 0, settings.Epochs, steps);
        using var optimizer = new AdamW(ParameterGroups.Of(head, settings.Decay));
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            new CounterRandom(settings.Seed, epoch, 0, Purpose.Order).Shuffle(rows);
            for (var step = 0; step < steps; step++)
            {
                stop.ThrowIfCancellationRequested();
                using var scope = new TensorScope();
                var batch = rows.AsSpan(step * settings.Batch, Math.Min(settings.Batch, rows.Length - step * settings.Batch));
                var labels = new long[batch.Length];
                for (var i = 0; i < batch.Length; i++)
                    labels[i] = features.Labels[batch[i] / features.Views];
                F.CrossEntropy(head.Forward(features.Rows(batch)), Tensor.From(labels)).Backward();
                optimizer.Step(rates[(long)epoch * steps + step]);
                optimizer.ZeroGradients();
            }
        }
    }

    /// <summary>The soft-max of every view, averaged over the views of a video: [videos, classes].</summary>
    public static Tensor Scores(ProbeHead head, StoredFeatures features, IReadOnlyList<int> videos, int batch)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var parts = new List<Tensor>();
        foreach (var some in videos.Chunk(Math.Max(1, batch / features.Views)))
        {
            using var step = new TensorScope();
            var rows = features.Rows([.. some.SelectMany(v => Enumerable.Range(v * features.Views, features.Views))]);
            var shares = F.Softmax(head.Forward(rows), 1);
            parts.Add(step.Keep(F.Mean(F.Reshape(shares, some.Length, features.Views, -1), [1])));
        }
        return scope.Keep(F.Cat([.. parts], 0));
    }
}
