using System.Diagnostics;
using System.Text.Json;
using Sigma.Data;
using Sigma.Data.Synthesis;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;
using Sigma.Training.Report;

namespace Sigma.Evaluation;

/// <summary>How a demonstration ended.</summary>
/// <param name="Scores">Trained, untrained, pixels.</param>
/// <param name="Clips">Validation clips behind the scores.</param>
/// <param name="Steps">Updates of the pre-training.</param>
/// <param name="Seconds">From rendering to the last score.</param>
/// <param name="Report">The report's file.</param>
public sealed record DemoResult(IReadOnlyList<FrozenScore> Scores, int Clips, long Steps, double Seconds, string Report);

/// <summary>
/// From nothing to a result: renders a labelled set, pre-trains a small SIGMA on it without the labels, and shows what the
/// frozen features tell apart. What is in the folder already is used again, so an interrupted demonstration goes on.
/// </summary>
/// <param name="folder">Receives the set, the run, the report and the results.</param>
/// <param name="recipe">The small recipe.</param>
/// <param name="progress">Where progress is shown.</param>
/// <param name="terminal">Whether that is a terminal.</param>
public sealed class Demo(string folder, Recipe recipe, TextWriter progress, bool terminal)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="OperationCanceledException">Stopped by a signal, after saving.</exception>
    public DemoResult Run(Device device, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var data = Path.Combine(folder, "data");
        var (train, validation) = (Path.Combine(data, "train.txt"), Path.Combine(data, "val.txt"));
        // A set's last list is written when all else is.
        if (File.Exists(validation))
        {
            progress.WriteLine($"1/3 clips are in {data} already");
        }
        else
        {
            progress.WriteLine($"1/3 rendering clips into {data}");
            var preset = SynthesisPreset.Demo;
            new SynthesisSet(preset, preset.Clips, seed: 0).Write(data, cancellation: stop);
        }

        progress.WriteLine("2/3 pre-training without labels");
        var run = Path.Combine(folder, "run");
        var summary = Pretrain(train, run, device, stop);

        progress.WriteLine("3/3 trying the frozen features on clips not seen in training");
        var (bank, queries) = (Manifest.Load(train, labels: true), Manifest.Load(validation, labels: true));
        using var trained = new MaskedVideoModel(recipe, 0, recipe.Seed);
        using var untrained = new MaskedVideoModel(recipe, 0, recipe.Seed);
        using (var scope = new TensorScope())
        using (var weights = SafetensorsFile.Open(Path.Combine(summary.Checkpoint!, CheckpointStore.ModelFile)))
            trained.Load(weights.ReadAll());
        using var comparison = FrozenComparison.Run(bank, queries, recipe.Clip, trained.Encoder, untrained.Encoder, recipe.Seed, stop);

        var report = Path.Combine(folder, "report.html");
        var result = new DemoResult(comparison.Scores, comparison.Validation.Samples.Count, summary.Steps, watch.Elapsed.TotalSeconds, report);
        HtmlReport.Write(report, DemoReport.Of(recipe, result, new RunFolder(run), comparison, bank, queries));
        WriteResults(result);
        return result;
    }

    private PretrainSummary Pretrain(string data, string run, Device device, CancellationToken stop)
    {
        using var pretrainer = new Pretrainer(new PretrainOptions
        {
            Recipe = recipe,
            Data = data,
            Out = run,
            Resume = Directory.Exists(run),
            Device = device,
            Progress = progress,
            Terminal = terminal,
        });
        var summary = pretrainer.Train(stop);
        return summary.Interrupted
            ? throw new OperationCanceledException("the demonstration was interrupted after saving; the same command goes on with it", stop)
            : summary;
    }

    private void WriteResults(DemoResult result)
    {
        var scores = result.Scores.ToDictionary(s => s.Name);
        var figures = new
        {
            linear = scores.ToDictionary(s => s.Key, s => s.Value.Linear),
            knn = scores.ToDictionary(s => s.Key, s => s.Value.Knn),
            intervals = new
            {
                linear = scores.ToDictionary(s => s.Key, s => Bounds(s.Value.LinearInterval)),
                knn = scores.ToDictionary(s => s.Key, s => Bounds(s.Value.KnnInterval)),
            },
            clips = result.Clips,
            steps = result.Steps,
            seed = recipe.Seed,
            seconds = result.Seconds,
        };
        WholeFile.WriteText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(figures, ReadableJson.Options));
    }

    private static double[] Bounds(Interval interval) => [interval.Low, interval.High];
}
