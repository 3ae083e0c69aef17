using System.Globalization;
using Sigma.Data;
using Sigma.Masking;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Training.Report;

/// <summary>
/// The page <c>report.html</c> of a pre-training run: how the loss, the use of the prototypes and the speed went, and some clips as
/// the encoder sees them. It is written when the run ends, however it ends.
/// </summary>
/// <param name="run">Holds the figures, and gets the page.</param>
/// <param name="recipe">Of the run.</param>
/// <param name="manifest">Its videos.</param>
/// <param name="log">Is told why there is no page, which costs the run nothing.</param>
internal sealed class PretrainReport(RunFolder run, Recipe recipe, Manifest manifest, RunLog log) : IDisposable
{
    private const int MaskedClips = 4;

    /// <summary>Writes the page.</summary>
    public void Dispose()
    {
        try
        {
            var metrics = MetricsFile.Read(run.Metrics).ToList();
            if (metrics.Count > 0)
                HtmlReport.Write(run.Report, Of(metrics));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or BadInputException or MediaException)
        {
            log.SayAtLeast($"no report of the run: {failure.Message}");
        }
    }

    /// <summary>What tells whether a network learns: its loss, and how evenly prototypes are used.</summary>
    public static IEnumerable<ReportCurve> Learning(Recipe recipe, IReadOnlyList<StepMetrics> metrics)
    {
        var prototypes = recipe.Objective.Prototypes;
        yield return recipe.Objective.Clusters
            ? new("Loss", "nats", Points(metrics, m => m.Loss), 2 * Math.Log(prototypes), $"2 ln {prototypes}, blind guessing")
            : new("Loss", "", Points(metrics, m => m.Loss));
        yield return new("Prototype use", "entropy / ln K", Points(metrics, m => m.PrototypeEntropy), 1, "all alike");
    }

    /// <summary>Places spread evenly over a range.</summary>
    public static IEnumerable<int> Spread(int count, int wanted) => Enumerable.Range(0, Math.Min(count, wanted)).Select(i => (int)((i + 0.5) * count / Math.Min(count, wanted)));

    private RunReport Of(List<StepMetrics> metrics)
    {
        var (last, objective) = (metrics[^1], recipe.Objective);
        ReportCurve[] curves =
        [
            .. Learning(recipe, metrics),
            new("Rank of the targets", "RankMe", Points(metrics, m => m.RankTargets)),
            new("Rank of the predictions", "RankMe", Points(metrics, m => m.RankPredictions)),
            new("Gradient norm", "", Points(metrics, m => m.GradNorm)),
            new("Speed", "clips/s", Points(metrics, m => m.ClipsPerSecond)),
            new("Waiting for clips", "share of a step", Points(metrics, m => m.DataWait)),
            new("Utilisation", "of what matrix products reach", Points(metrics, m => m.Utilisation)),
        ];
        return new RunReport
        {
            Title = $"Sigma: {Path.GetFileName(run.Path)}",
            Summary = string.Create(CultureInfo.InvariantCulture, $"{last.Step} updates of {recipe.Optimizer.Batch} clips on {manifest.Count} videos, without labels. The loss of the last was {last.Loss:0.000}") +
                (objective.Clusters ? string.Create(CultureInfo.InvariantCulture, $"; guessing blindly among {objective.Prototypes} prototypes costs {2 * Math.Log(objective.Prototypes):0.000}.") : "."),
            Facts =
            [
                ("target", objective.Target.ToString()), ("mask", string.Create(CultureInfo.InvariantCulture, $"{recipe.Mask.Kind}, {recipe.Mask.Ratio}")),
                ("encoder", string.Create(CultureInfo.InvariantCulture, $"width {recipe.Model.Width}, {recipe.Model.Depth} blocks")),
                ("clips", string.Create(CultureInfo.InvariantCulture, $"{recipe.Clip.Frames} frames, every {recipe.Clip.Stride}, {recipe.Clip.Size}×{recipe.Clip.Size}")),
                ("seed", recipe.Seed.ToString(CultureInfo.InvariantCulture)), ("videos set aside", SetAside()),
            ],
            Curves = [.. curves.Where(curve => curve.Points.Count > 0)],
            Clips = [.. Spread(manifest.Count, MaskedClips).SelectMany(Masked)],
        };
    }

    private string SetAside() => (File.Exists(run.Unreadable) ? File.ReadLines(run.Unreadable).Count() : 0).ToString(CultureInfo.InvariantCulture);

    /// <summary>The clip that the run would draw first of a video; none where it cannot be read.</summary>
    private IEnumerable<ReportClip> Masked(int sample)
    {
        InspectedClip clip;
        try
        {
            clip = InspectedClip.Read(manifest[sample].Path, recipe);
        }
        catch (MediaException)
        {
            yield break;
        }
        var shape = recipe.Clip;
        yield return new(manifest.Name(sample), shape.Frames, shape.Size, shape.Size, clip.Pixels.ToArray(), clip.Mask.Cells.ToArray(), shape.TubeFrames, shape.TubeSize);
    }

    private static List<(double Step, double Value)> Points(IReadOnlyList<StepMetrics> metrics, Func<StepMetrics, double?> figure) =>
        [.. metrics.Select(m => ((double)m.Step, Value: figure(m))).Where(p => p.Value.HasValue).Select(p => (p.Item1, p.Value!.Value))];
}
