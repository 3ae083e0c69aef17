using System.Globalization;
using Sigma.Data;
using Sigma.Masking;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;
using Sigma.Training.Report;

namespace Sigma.Evaluation;

/// <summary>Puts the report of a demonstration together.</summary>
internal static class DemoReport
{
    private const int MaskedClips = 4;
    private const int Queries = 6;
    private const int Neighbours = 4;

    public static RunReport Of(
        Recipe recipe, DemoResult result, RunFolder run, FrozenComparison comparison, Manifest train, Manifest validation)
    {
        var metrics = MetricsFile.Read(run.Metrics).ToList();
        var chance = 1.0 / train.Classes.Count;
        return new RunReport
        {
            Title = "Sigma: what a few minutes without labels teach",
            Summary = $"A small video transformer saw {Percent.Of(1 - (double)recipe.Mask.HiddenTubes(recipe.Clip) / recipe.Clip.Tubes)} of each clip and predicted, for the hidden parts, which of {recipe.Objective.Prototypes} clusters a jointly trained network would put them in. No label was used. " +
                $"Below: how the loss and the use of the clusters went, what the network saw, and what its frozen features tell apart on {result.Clips} clips it never saw.",
            Facts =
            [
                ("training clips", Text(train.Count)), ("validation clips", Text(result.Clips)), ("classes", string.Join(", ", train.Classes)),
                ("updates", Text(result.Steps)), ("seed", Text(recipe.Seed)), ("seconds", result.Seconds.ToString("0", CultureInfo.InvariantCulture)),
            ],
            Tables =
            [
                new("Frozen features, share of validation clips classified rightly", ["features", "linear probe", "weighted kNN"],
                    [.. result.Scores.Select(s => (IReadOnlyList<string>)[s.Name, Percent.Of(s.Linear, s.LinearInterval.Low, s.LinearInterval.High), Percent.Of(s.Knn, s.KnnInterval.Low, s.KnnInterval.High)])],
                    $"Chance is {Percent.Of(chance)}. In brackets 95 % intervals, by the bootstrap over the clips. Both probes work on features standardised with the training clips; untrained is the same network with its initial weights."),
            ],
            Curves = [.. PretrainReport.Learning(recipe, metrics)],
            Clips = [.. PretrainReport.Spread(validation.Count, MaskedClips).Select(i => Masked(recipe, validation, i))],
            Neighbours = [.. PretrainReport.Spread(comparison.Validation.Samples.Count, Queries).Select(i => Nearest(recipe, comparison, train, validation, i))],
        };
    }

    private static ReportClip Masked(Recipe recipe, Manifest manifest, int sample)
    {
        var random = new CounterRandom(recipe.Seed, 0, sample, Purpose.Mask);
        var sampler = new MaskSampler(recipe.Mask with { Kind = MaskKind.Tube }, recipe.Clip);
        return Clip(recipe, manifest, sample, ClassOf(manifest, sample), sampler.Draw(null, ref random).Cells.ToArray());
    }

    private static ReportNeighbours Nearest(Recipe recipe, FrozenComparison comparison, Manifest train, Manifest validation, int row)
    {
        using var scope = new TensorScope();
        var query = F.Narrow(comparison.Validation.Values, 0, row, 1);
        var (similarity, index) = NearestNeighbours.Nearest(comparison.Train.Values, query, Neighbours);
        var (values, places) = (similarity.ToArray<double>(), index.ToArray<long>());
        var sample = comparison.Validation.Samples[row];
        return new(
            Clip(recipe, validation, sample, "query", null), ClassOf(validation, sample),
            [.. places.Zip(values).Select(p =>
            {
                var near = comparison.Train.Samples[(int)p.First];
                return (Clip(recipe, train, near, "", null), ClassOf(train, near), p.Second);
            })]);
    }

    private static ReportClip Clip(Recipe recipe, Manifest manifest, int sample, string caption, bool[]? hidden)
    {
        var clip = recipe.Clip;
        var pixels = new byte[clip.Frames * clip.Size * clip.Size * 3];
        using var video = ClipReader.Open(manifest[sample].Path);
        video.Read(frames => EvaluationClips.MiddleFrames(frames, clip), null, clip.Size, pixels);
        return new(caption, clip.Frames, clip.Size, clip.Size, pixels, hidden, clip.TubeFrames, clip.TubeSize);
    }

    private static string ClassOf(Manifest manifest, int sample) => manifest[sample].Label is { } label ? manifest.Classes[label] : "";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
