namespace Sigma.Recipes;

/// <summary>AdamW, its schedule and its batch (<c>optimizer:</c>).</summary>
public sealed record OptimizerRecipe
{
    /// <summary>Base rate, per 256 clips of the global batch. Default and published: 1.5e-4.</summary>
    public double Lr { get; init; } = 1.5e-4;

    /// <summary>Rate at the end of the cosine, per 256 clips of the global batch. Default and published: 1e-5.</summary>
    public double FinalLr { get; init; } = 1e-5;

    /// <summary>Weight decay, constant; none on biases, 1-D parameters, tables and mask token. Default and published: 0.05.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Decay of the first and second moments. Default and published: [0.9, 0.95].</summary>
    public ValueList<double> Betas { get; init; } = [0.9, 0.95];

    /// <summary>Added to the root of the second moment. Default and published: 1e-8.</summary>
    public double Eps { get; init; } = 1e-8;

    /// <summary>Clips of an update, over all ranks and micro-batches. Default: 512. Published: 128 to 2048.</summary>
    public int Batch { get; init; } = 512;

    /// <summary>Micro-batches of an update, one after the other. Default and published: 1.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Passes over the videos. Default: 800. Published: 800, 1600 or 2400.</summary>
    public int Epochs { get; init; } = 800;

    /// <summary>Epochs in which the rate rises linearly from 0. Default and published: 40.</summary>
    public int WarmupEpochs { get; init; } = 40;

    /// <summary>
    /// Updates of the run whatever the number of videos, for small sets; warm-up keeps its share of them, warmupEpochs / epochs.
    /// Default and published: none, the run is as long as its epochs.
    /// </summary>
    public int? Steps { get; init; }

    /// <summary>Largest norm of the whole gradient; larger ones are scaled down. Default and published: none.</summary>
    public double? ClipGradient { get; init; }

    /// <summary>Decay per update of an exponential moving average of the weights. Default and published: none.</summary>
    public double? AverageWeights { get; init; }

    /// <summary>
    /// Whether the ranks share out the optimiser's moments instead of keeping all on each (ZeRO-1): less memory, more to send,
    /// the same weights. For ViT-L and ViT-H. Default: false.
    /// </summary>
    public bool ShardState { get; init; }

    /// <summary>The base rate at this batch: lr × batch / 256.</summary>
    public double ScaledLr => Lr * Batch / 256;

    /// <summary>The final rate at this batch: finalLr × batch / 256.</summary>
    public double ScaledFinalLr => FinalLr * Batch / 256;

    /// <summary>Clips of one micro-batch over all ranks: batch / accumulate.</summary>
    public int MicroBatch => Batch / Accumulate;

    internal void Check(Findings findings, int repeats, string repeatsKey)
    {
        findings.Positive("optimizer.lr", Lr);
        findings.AtLeast("optimizer.finalLr", FinalLr, 0);
        findings.When(
            Lr > 0 && FinalLr > Lr,
            $"is {Findings.Text(FinalLr)}, but the cosine falls: at most optimizer.lr ({Findings.Text(Lr)})",
            "optimizer.finalLr", "optimizer.lr");
        findings.AtLeast("optimizer.weightDecay", WeightDecay, 0);
        findings.When(
            Betas.Count != 2 || Betas.Any(beta => !(beta >= 0 && beta < 1)),
            $"is {Betas}, but must be two numbers from 0 up to but not including 1, such as [0.9, 0.95]",
            "optimizer.betas");
        findings.Positive("optimizer.eps", Eps);
        findings.Between("optimizer.batch", Batch, 1, 1_048_576);
        findings.Between("optimizer.accumulate", Accumulate, 1, 1_048_576);
        findings.Between("optimizer.epochs", Epochs, 1, 1_000_000);
        findings.AtLeast("optimizer.warmupEpochs", WarmupEpochs, 0);
        findings.When(
            Epochs > 0 && WarmupEpochs > Epochs,
            $"is {WarmupEpochs}, but the run has only {Epochs} epochs (optimizer.epochs)",
            "optimizer.warmupEpochs", "optimizer.epochs");
        if (Steps is { } steps)
            findings.Between("optimizer.steps", steps, 1, 100_000_000);
        if (ClipGradient is { } norm)
            findings.Positive("optimizer.clipGradient", norm);
        findings.When(
            AverageWeights is { } decay && !(decay > 0 && decay < 1),
            $"is {Findings.Text(AverageWeights ?? 0)}, but must lie between 0 and 1, both excluded (or null for no average)",
            "optimizer.averageWeights");
        findings.When(
            Accumulate > 0 && Batch % Accumulate != 0,
            $"is {Batch}, which optimizer.accumulate ({Accumulate}) does not divide: micro-batches are of one size",
            "optimizer.batch", "optimizer.accumulate");
        findings.When(
            Accumulate > 0 && repeats > 0 && Batch % Accumulate == 0 && MicroBatch % repeats != 0,
            $"is {Batch}, in micro-batches of {MicroBatch}, which {repeatsKey} ({repeats}) does not divide: "
            + "the clips of one decoded video stay together",
            "optimizer.batch", "optimizer.accumulate", repeatsKey);
    }
}
