using System.Globalization;
using Sigma.Data;
using Sigma.Masking;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Training.Report;

/// <summary>Tells how a pre-training run went: the loss, the use of the prototypes and the speed, and some clips as the encoder sees them.</summary>
/// <param name="run">Its folder.</param>
/// <param name="recipe">Its recipe.</param>
/// <param name="manifest">Its videos.</param>
internal sealed class PretrainReport(RunFolder run, Recipe recipe, Manifest manifest)
{
    private const int MaskedClips = 4;

    /// <summary>What tells whether a network learns: its loss, and how evenly prototypes are used.</summary>
    public static IEnumerable<ReportCurve> Learning(Recipe recipe, IReadOnlyList<StepMetrics> metrics)
    {
        var loss = RunFigure.Loss.Curve(metrics);
        if (recipe.Objective.Clusters)
        {
            var blind = RunFigure.BlindGuessing(recipe.Objective.Prototypes);
            loss = loss with { Unit = "nats", Reference = blind.Value, ReferenceName = blind.Name };
        }
        yield return loss;
        yield return RunFigure.PrototypeUse.Curve(metrics) with { Reference = 1, ReferenceName = "all alike" };
    }

    /// <summary>Places spread evenly over a range.</summary>
    public static IEnumerable<int> Spread(int count, int wanted) => Enumerable.Range(0, Math.Min(count, wanted)).Select(i => (int)((i + 0.5) * count / Math.Min(count, wanted)));

    /// <summary>The page of a run.</summary>
    public RunReport Of(IReadOnlyList<StepMetrics> metrics)
    {
        var (last, objective) = (metrics[^1], recipe.Objective);
        var curves = Learning(recipe, metrics).Concat(RunFigure.Health.Concat(RunFigure.Speed).Select(figure => figure.Curve(metrics)));
        return new RunReport
        {
            Title = $"Sigma: {Path.GetFileName(run.Path)}",
            Summary = string.Create(CultureInfo.InvariantCulture, $"{last.Step} updates of {recipe.Optimizer.Batch} clips on {manifest.Count} videos, without labels. The loss of the last was {last.Loss:0.000}") +
                (objective.Clusters ? string.Create(CultureInfo.InvariantCulture, $"; guessing blindly among {objective.Prototypes} prototypes costs {RunFigure.BlindGuessing(objective.Prototypes).Value:0.000}.") : "."),
            Facts =
            [
                ("target", objective.Target.ToString()), ("mask", string.Create(CultureInfo.InvariantCulture, $"{recipe.Mask.Kind}, {recipe.Mask.Ratio}")),
                ("encoder", string.Create(CultureInfo.InvariantCulture, $"width {recipe.Model.Width}, {recipe.Model.Depth} blocks")),
                ("clips", string.Create(CultureInfo.InvariantCulture, $"{recipe.Clip.Frames} frames, every {recipe.Clip.Stride}, {recipe.Clip.Size}×{recipe.Clip.Size}")),
                ("seed", recipe.Seed.ToString(CultureInfo.InvariantCulture)), SetAsideTable.Fact(run),
            ],
            Tables = [.. SetAsideTable.Of(run)],
            Curves = [.. curves.Where(curve => curve.Points.Count > 0)],
            Clips = [.. Spread(manifest.Count, MaskedClips).SelectMany(Masked)],
        };
    }

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
}
