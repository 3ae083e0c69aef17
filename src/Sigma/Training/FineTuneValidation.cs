using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// Scores a fine-tuning run on its validation videos: its weights on one view after every epoch, of which the best are kept,
/// and those on several views when the schedule is over. The ranks share the videos out; rank 0 knows the scores and writes.
/// </summary>
/// <param name="options">What the run was given.</param>
/// <param name="recipe">Its resolved recipe.</param>
/// <param name="videos">The validation videos.</param>
/// <param name="run">Its folder.</param>
/// <param name="log">Where the scores are told.</param>
/// <param name="report">Where unreadable videos are named.</param>
internal sealed class FineTuneValidation(
    FineTuneOptions options, FineTuneRecipe recipe, Manifest videos, RunFolder run, RunLog log, SetAsideReport report)
{
    private readonly Ranks ranks = options.Ranks;
    private ValidationFile? scores;

    /// <summary>The best so far; null before there is any, and on all ranks but the first.</summary>
    public ValidationScore? Best => scores?.Best;

    /// <summary>All of them, an epoch each; none on all ranks but the first.</summary>
    public IReadOnlyList<ValidationScore> Scores => scores?.All ?? [];

    /// <summary>The multi-view test; null before it was made, and on all ranks but the first.</summary>
    public EvaluationResult? Test { get; private set; }

    /// <summary>Takes up the scores of a run that has done so many updates.</summary>
    public void Start(long done) => scores = ranks.IsFirst ? new ValidationFile(run, done) : null;

    /// <summary>Scores the weights on one view each, unless that was done before the run continued, and keeps the best.</summary>
    /// <param name="model">What is trained.</param>
    /// <param name="average">Its averaged weights, which are scored where the recipe asks for them; rank 0 has them.</param>
    /// <param name="done">Updates done.</param>
    /// <param name="epoch">Epochs done.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>False where it was told to stop, on every rank alike.</returns>
    public bool TryValidate(VideoClassifier model, WeightAverage? average, long done, int epoch, CancellationToken stop)
    {
        if (!ranks.Any(scores is not null && !scores.Has(done)))
            return true;
        using var scope = new TensorScope();
        using var averaged = recipe.Optimizer.AverageWeights is null ? null : Copy(model, average?.State().ToDictionary());
        var scored = averaged ?? model;
        if (Views(scored, new TestViews(recipe.Clip, 1, 1), stop) is not { } views)
            return false;
        if (scores is null)
            return true;
        var top1 = new MeanMetric("top1", Accuracy.Hits(views.Probabilities, views.Labels, 1));
        var interval = Bootstrap.Intervals([top1.Over], top1.Videos, recipe.Seed)[0];
        var score = new ValidationScore(
            done, epoch, top1.Value, Accuracy.Top5(views.Probabilities, views.Labels), views.Loss, top1.Videos, [interval.Low, interval.High]);
        var better = scores.Best is not { } best || score.Top1 > best.Top1;
        if (better)
            BestWeights.Save(run, scored);
        scores.Add(score);
        log.Say(FormattableString.Invariant(
            $"epoch {epoch} (step {done}): validation top-1 {100 * score.Top1:0.0} %, loss {score.Loss:0.000}, {score.Videos} videos{(better ? ", the best so far" : "")}"));
        return true;
    }

    /// <summary>The multi-view test of the best weights.</summary>
    /// <param name="model">Of the same shape.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>False where it was told to stop, on every rank alike.</returns>
    public bool TryTest(VideoClassifier model, CancellationToken stop)
    {
        using var scope = new TensorScope();
        using var weights = ranks.IsFirst ? SafetensorsFile.Open(BestWeights.In(run)) : null;
        using var best = Copy(model, weights?.ReadAll());
        log.Say(FormattableString.Invariant($"testing the best weights with {recipe.Views.Segments} × {recipe.Views.Crops} views of {videos.Count} videos"));
        if (Views(best, new TestViews(recipe.Clip, recipe.Views.Segments, recipe.Views.Crops), stop) is not { } views)
            return false;
        if (ranks.IsFirst)
        {
            Test = views.Result(options.Validation, BestWeights.In(run), recipe.Seed);
            Test.Write(run.In("test.json"));
        }
        return true;
    }

    private ViewScores? Views(VideoClassifier model, TestViews views, CancellationToken stop)
    {
        try
        {
            var found = MultiViewTest.Run(model, videos, views, options.Device, recipe, stop, ranks);
            report.Add(found.Unreadable);
            return found;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A model of the same shape with other weights, where they are known here: rank 0's are tested.</summary>
    private VideoClassifier Copy(VideoClassifier model, Dictionary<string, Tensor>? weights)
    {
        var copy = new VideoClassifier(model.Shape, model.Classes, recipe.Seed);
        if (weights is not null)
            copy.Load(weights);
        return copy;
    }
}
