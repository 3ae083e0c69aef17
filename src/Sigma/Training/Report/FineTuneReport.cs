using System.Globalization;
using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Recipes;

namespace Sigma.Training.Report;

/// <summary>Tells how a fine-tuning run went: what it reached on the validation videos, loss, rates and speed, and what was set aside.</summary>
/// <param name="run">Its folder.</param>
/// <param name="recipe">Its recipe.</param>
/// <param name="train">Its training videos.</param>
/// <param name="validation">Its scores so far.</param>
internal sealed class FineTuneReport(RunFolder run, FineTuneRecipe recipe, Manifest train, FineTuneValidation validation)
{
    /// <summary>The page of a run.</summary>
    public RunReport Of(IReadOnlyList<StepMetrics> metrics)
    {
        ReportCurve[] curves =
        [
            RunFigure.Loss.Curve(metrics) with { Unit = "nats" },
            Scores("Validation top-1", "share", s => s.Top1) with { Reference = 1.0 / train.Classes.Count, ReferenceName = "chance" },
            Scores("Validation top-5", "share", s => s.Top5),
            Scores("Validation loss", "nats", s => s.Loss),
            RunFigure.LearningRate.Curve(metrics),
            .. RunFigure.Health.Concat(RunFigure.Speed).Select(figure => figure.Curve(metrics)),
        ];
        return new RunReport
        {
            Title = $"Sigma: {Path.GetFileName(run.Path)}",
            Summary = string.Create(CultureInfo.InvariantCulture, $"{metrics[^1].Step} updates of {recipe.Optimizer.Batch} clips on {train.Count} videos of {train.Classes.Count} classes. The loss of the last was {metrics[^1].Loss:0.000}. ") +
                (validation.Test is null ? "The schedule is not over, so the best weights were not tested yet." : "The schedule is over, and the best weights were tested."),
            Facts =
            [
                ("classes", string.Join(", ", train.Classes)),
                ("encoder", string.Create(CultureInfo.InvariantCulture, $"width {recipe.Model.Width}, {recipe.Model.Depth} blocks")),
                ("clips", string.Create(CultureInfo.InvariantCulture, $"{recipe.Clip.Frames} frames, every {recipe.Clip.Stride}, {recipe.Clip.Size}×{recipe.Clip.Size}")),
                ("seed", recipe.Seed.ToString(CultureInfo.InvariantCulture)), SetAsideTable.Fact(run),
            ],
            Tables = [.. Accuracies(), .. SetAsideTable.Of(run)],
            Curves = [.. curves.Where(curve => curve.Points.Count > 0)],
        };
    }

    private ReportCurve Scores(string title, string unit, Func<ValidationScore, double> figure) =>
        new(title, unit, [.. validation.Scores.Select(s => ((double)s.Step, figure(s)))]);

    private IEnumerable<ReportTable> Accuracies()
    {
        var rows = new List<string[]>();
        if (validation.Best is { } best)
        {
            rows.Add([
                $"best validation, after epoch {best.Epoch}, one view each", $"{best.Videos}",
                best.Top1Interval is [var low, var high] ? Percent.Of(best.Top1, low, high) : Percent.Of(best.Top1), Percent.Of(best.Top5)]);
        }
        if (validation.Test is { } test)
            rows.Add([$"test of these weights, {test.Views.Segments} × {test.Views.Crops} views", $"{test.Videos.Count}", Figure(test, "top1"), Figure(test, "top5"), Figure(test, "perClassMean")]);
        if (rows.Count > 0)
        {
            yield return new("Share of validation videos classified rightly", ["", "videos", "top-1", "top-5", "per-class mean"], rows,
                $"Chance is {Percent.Of(1.0 / train.Classes.Count)} for top-1. In brackets 95 % intervals, by the bootstrap over the videos. The best weights were chosen on the videos that they are tested on, which flatters a little.");
        }
    }

    private static string Figure(EvaluationResult test, string name) => Percent.Of(test.Figures[name], test.Intervals[name][0], test.Intervals[name][1]);
}
