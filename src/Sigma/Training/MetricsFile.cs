namespace Sigma.Training;

/// <summary>
/// Appends a run's figures to <c>metrics.jsonl</c> and to TensorBoard events. A run that continues drops the lines
/// after the step it continues from: they will be made again.
/// </summary>
public sealed class MetricsFile : IDisposable
{
    private readonly StreamWriter lines;
    private readonly TensorBoardFile events;

    /// <summary>Opens the files of a run that has done <paramref name="step"/> updates.</summary>
    public MetricsFile(RunFolder run, long step)
    {
        if (File.Exists(run.Metrics))
        {
            string[] kept = [.. Read(run.Metrics).Where(m => m.Step <= step).Select(m => m.ToJson())];
            WholeFile.WriteLines(run.Metrics, kept);
        }
        lines = new StreamWriter(run.Metrics, append: true) { AutoFlush = true };
        events = new TensorBoardFile(run.Path);
    }

    /// <summary>The figures in a file; lines that are not whole, as a killed process leaves them, are passed over.</summary>
    public static IEnumerable<StepMetrics> Read(string path) => File.ReadLines(path).Select(StepMetrics.FromJson).OfType<StepMetrics>();

    /// <summary>Adds one update.</summary>
    public void Add(StepMetrics metrics)
    {
        lines.WriteLine(metrics.ToJson());
        events.Add(metrics.Step, "train/loss", metrics.Loss);
        events.Add(metrics.Step, "train/lr", metrics.Lr);
        events.Add(metrics.Step, "train/gradNorm", metrics.GradNorm);
        AddIfMeasured(metrics.Step, "health/prototypeEntropy", metrics.PrototypeEntropy);
        AddIfMeasured(metrics.Step, "health/deadPrototypes", metrics.DeadPrototypes);
        AddIfMeasured(metrics.Step, "health/rankTargets", metrics.RankTargets);
        AddIfMeasured(metrics.Step, "health/rankPredictions", metrics.RankPredictions);
        AddIfMeasured(metrics.Step, "health/spreadTargets", metrics.SpreadTargets);
        AddIfMeasured(metrics.Step, "health/marginalError", metrics.MarginalError);
        foreach (var (part, seconds) in metrics.Parts ?? new Dictionary<string, double>())
            events.Add(metrics.Step, "parts/" + part, seconds);
        events.Add(metrics.Step, "speed/clipsPerSecond", metrics.ClipsPerSecond);
        events.Add(metrics.Step, "speed/dataWait", metrics.DataWait);
        events.Add(metrics.Step, "speed/utilisation", metrics.Utilisation);
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        lines.Dispose();
        events.Dispose();
    }

    private void AddIfMeasured(long step, string name, double? value)
    {
        if (value is { } measured)
            events.Add(step, name, measured);
    }
}
