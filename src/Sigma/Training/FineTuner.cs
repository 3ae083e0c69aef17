using System.Diagnostics;
using Sigma.Data;
using Sigma.Data.Augmentation;
using Sigma.Evaluation;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>How a fine-tuning run ended.</summary>
/// <param name="Steps">Updates done in all.</param>
/// <param name="Checkpoint">The last checkpoint's folder.</param>
/// <param name="Best">The best validation so far; null before the first epoch's end.</param>
/// <param name="Test">The multi-view test of the best weights; null where the schedule is not over.</param>
/// <param name="ClipsPerSecond">Mean over this process's updates, validation not counted; null where none was left to do.</param>
/// <param name="Unreadable">Videos set aside, with the reason.</param>
/// <param name="Interrupted">Stopped before the schedule's or the limit's end, after saving.</param>
public sealed record FineTuneSummary(
    long Steps, string? Checkpoint, ValidationScore? Best, EvaluationResult? Test, double? ClipsPerSecond, IReadOnlyList<string> Unreadable, bool Interrupted);

/// <summary>
/// A fine-tuning run from a pre-trained encoder and labelled videos to a classifier: clips → step → figures → validation
/// after every epoch → checkpoint, and the multi-view test of the best weights when the schedule is over.
/// </summary>
public sealed class FineTuner : IDisposable
{
    private readonly FineTuneOptions options;
    private readonly FineTuneRecipe recipe;
    private readonly RunFolder run;
    private readonly RunLog log;
    private readonly Manifest train;
    private readonly Manifest validation;
    private readonly VideoClassifier model;
    private readonly WeightUpdate update;
    private readonly FineTuneStep step;
    private readonly CheckpointStore checkpoints;
    private readonly string recipeHash;
    private readonly string dataHash;
    private readonly HashSet<string> setAside = [];

    /// <summary>Checks everything that can be checked before work starts.</summary>
    /// <exception cref="BadInputException">The output folder cannot be written, the weights do not fit, or the labels do not serve.</exception>
    /// <exception cref="ManifestException">There are no videos, videos without a label, or labels that training does not know.</exception>
    public FineTuner(FineTuneOptions options)
    {
        this.options = options;
        RunnableHere.Require(options.Recipe.Precision, options.Device);
        train = Manifest.Load(options.Data, labels: true);
        if (train.Classes.Count < 2)
            throw new BadInputException($"{options.Data} has one class alone ({train.Classes[0]}): there is nothing to tell apart");
        validation = Manifest.Load(options.Validation, labels: true, train.Classes);
        var start = options.Init is { } init ? new PretrainedEncoder(init, options.Recipe) : null;
        recipe = start?.Recipe ?? options.Recipe;
        run = new RunFolder(options.Out);
        checkpoints = new CheckpointStore(run, recipe.Checkpoint.Keep);
        if (!options.Resume && checkpoints.Newest() is { } earlier)
            throw new BadInputException($"{options.Out} holds a run already ({Path.GetFileName(earlier)}): continue it with --resume, or choose another folder with --out");
        model = new VideoClassifier(EncoderShape.Of(recipe), train.Classes.Count, recipe.Seed);
        model.MoveTo(options.Device);
        var continues = options.Resume && checkpoints.Newest() is not null;
        if (start is null && !continues)
            throw new BadInputException("give --init: the pre-trained weights to start from, a run's folder, one of its checkpoints, or a published file");
        var taken = continues ? null : start!.Into(model);
        log = new RunLog(run, options.Progress, options.Terminal);
        if (taken is not null)
            log.Say(taken);
        update = new WeightUpdate(
            model, LayerRates.Groups(model, recipe.Model.Depth, recipe.Optimizer.WeightDecay, recipe.Layers.RateDecay), recipe.Optimizer, recipe.Precision);
        step = new FineTuneStep(recipe, model, update, options.Device);
        recipeHash = recipe.TrainingHash;
        dataHash = ContentHash.Of(train.Hash + validation.Hash);
    }

    /// <summary>
    /// Trains until the schedule or the limit ends, or <paramref name="stop"/> is cancelled; in each case saved.
    /// </summary>
    /// <exception cref="RunStoppedException">The loss is not a finite number any more.</exception>
    /// <exception cref="TooManyUnreadableException">More videos than allowed cannot be read.</exception>
    /// <exception cref="IOException">A checkpoint could not be saved.</exception>
    public FineTuneSummary Train(CancellationToken stop)
    {
        var first = Resume();
        File.WriteAllText(run.Recipe, recipe.ToYaml());
        File.WriteAllLines(run.Classes, train.Classes);
        using var loader = new LabelledClipLoader(train, recipe, first * recipe.Optimizer.Accumulate);
        var schedule = WarmupCosine.Of(recipe.Optimizer, loader.StepsPerEpoch);
        var last = Math.Min(schedule.Steps, options.MaxSteps ?? long.MaxValue);
        using var metrics = new MetricsFile(run, first);
        var scores = new ValidationFile(run, first);
        var ceiling = MatrixCeiling.Measure(options.Device, recipe.Precision.Type());
        log.Say(Introduction(last, loader.StepsPerEpoch));

        var (done, saved, training, stopped) = (first, first, TimeSpan.Zero, false);
        while (true)
        {
            // Before saving, so that a run killed in the middle of it validates again when it continues.
            var ended = done == schedule.Steps || (done > 0 && done % loader.StepsPerEpoch == 0);
            stopped = ended && !scores.Has(done) && !TryValidate(scores, done, (int)(done / loader.StepsPerEpoch), stop);
            if (done > saved && (stopped || done % recipe.Checkpoint.Every == 0 || done >= last))
                saved = Save(done);
            if (stopped || done >= last || stop.IsCancellationRequested)
                break;
            var watch = Stopwatch.StartNew();
            if (Update(loader, done, schedule[done], ceiling, stop) is not { } figures)
                break;
            training += watch.Elapsed;
            done = figures.Step;
            metrics.Add(figures);
            log.Progress(figures, last, done == last);
            ReportUnreadable(loader.Unreadable);
            if (!double.IsFinite(figures.Loss) || (!double.IsFinite(figures.GradNorm) && update.LossScale is not { HasRoom: true }))
                throw Diverged(figures);
        }
        if (saved < done)
            Save(done);
        ReportUnreadable(loader.Unreadable);
        if (loader.Short is { Count: > 0 } tooShort)
            log.Say($"{tooShort.Count} videos have fewer frames than a clip, which repeats some of them: {string.Join(", ", tooShort.Take(10))}{(tooShort.Count > 10 ? " …" : "")}");
        var test = done == schedule.Steps && !stopped ? Test(stop) : null;
        return new(
            done, checkpoints.Newest(), scores.Best, test, done > first ? (done - first) * recipe.Optimizer.Batch / training.TotalSeconds : null,
            [.. loader.Unreadable.List.Select(v => $"{v.Path}: {v.Reason}")], done < last || (done == schedule.Steps && test is null));
    }

    /// <summary>One update over all its micro-batches; null where the run was told to stop while waiting for clips.</summary>
    private StepMetrics? Update(LabelledClipLoader loader, long done, double rate, double ceiling, CancellationToken stop)
    {
        using var scope = new TensorScope();
        var (watch, waitedBefore) = (Stopwatch.StartNew(), loader.Waited);
        var epoch = (int)(done / loader.StepsPerEpoch);
        var losses = new List<Tensor>();
        for (var i = 0; i < recipe.Optimizer.Accumulate; i++)
        {
            LabelledBatch batch;
            try
            {
                batch = loader.Next(stop);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
            var microStep = done * recipe.Optimizer.Accumulate + i;
            var random = new CounterRandom(recipe.Seed, epoch, (int)(microStep % int.MaxValue), Purpose.Mixing);
            losses.Add(step.Accumulate(batch.Clips, batch.Labels, batch.Keys, Mixing.Draw(recipe.Augmentation, recipe.Clip.Size, ref random)));
            loader.GiveBack(batch);
        }
        var norm = update.Apply(rate);
        // The host waits for the device here, once an update.
        var loss = F.Mean(F.Stack([.. losses], 0)).Item();
        var (seconds, clips) = (watch.Elapsed.TotalSeconds, recipe.Optimizer.Batch);
        return new(
            done + 1, epoch, loss, rate, null, norm.Item(), clips / seconds, (loader.Waited - waitedBefore).TotalSeconds / seconds,
            clips * Arithmetic.PerClip(recipe) / seconds / ceiling, seconds);
    }

    /// <summary>Scores the weights (their average where there is one) on the validation videos, one view each, and keeps the best; false where it was told to stop.</summary>
    private bool TryValidate(ValidationFile scores, long done, int epoch, CancellationToken stop)
    {
        using var scope = new TensorScope();
        using var averaged = update.Average is { } average ? Averaged(average) : null;
        var scored = averaged ?? model;
        ViewScores views;
        try
        {
            views = MultiViewTest.Run(scored, validation, new TestViews(recipe.Clip, 1, 1), options.Device, recipe, stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        ReportUnreadable(views.Unreadable);
        var score = new ValidationScore(
            done, epoch, Accuracy.Top1(views.Probabilities, views.Labels), Accuracy.Top5(views.Probabilities, views.Labels), views.Loss, views.Samples.Count);
        var better = scores.Best is not { } best || score.Top1 > best.Top1;
        if (better)
            BestWeights.Save(run, scored);
        scores.Add(score);
        log.Say(FormattableString.Invariant(
            $"epoch {epoch} (step {done}): validation top-1 {100 * score.Top1:0.0} %, loss {score.Loss:0.000}, {score.Videos} videos{(better ? ", the best so far" : "")}"));
        return true;
    }

    private VideoClassifier Averaged(WeightAverage average)
    {
        var copy = new VideoClassifier(model.Shape, model.Classes, recipe.Seed);
        copy.Load(average.State().ToDictionary());
        return copy;
    }

    /// <summary>The multi-view test of the best weights; null where it was told to stop.</summary>
    private EvaluationResult? Test(CancellationToken stop)
    {
        using var best = new VideoClassifier(model.Shape, model.Classes, recipe.Seed);
        using var scope = new TensorScope();
        using (var weights = SafetensorsFile.Open(BestWeights.In(run)))
            best.Load(weights.ReadAll());
        log.Say(FormattableString.Invariant($"testing the best weights with {recipe.Views.Segments} × {recipe.Views.Crops} views of {validation.Count} videos"));
        try
        {
            var scores = MultiViewTest.Run(best, validation, new TestViews(recipe.Clip, recipe.Views.Segments, recipe.Views.Crops), options.Device, recipe, stop);
            ReportUnreadable(scores.Unreadable);
            var result = scores.Result(options.Validation, BestWeights.In(run), recipe.Seed);
            result.Write(run.In("test.json"));
            return result;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>1. The newest whole checkpoint of this folder, with --resume. 2. The pre-trained encoder.</summary>
    private long Resume()
    {
        if (options.Resume && checkpoints.Newest() is { } newest)
        {
            var state = CheckpointStore.Load(newest, model, update.Optimizer, recipeHash, dataHash, update.Average, update.LossScale);
            log.Say($"continuing from {Path.GetFileName(newest)}");
            return state.Step;
        }
        if (options.Resume)
            log.Say("no whole checkpoint to continue from: starting at step 0");
        return 0;
    }

    private long Save(long done)
    {
        var folder = checkpoints.Save(done, model, update.Optimizer, recipeHash, dataHash, update.Average, update.LossScale);
        log.Say($"saved {Path.GetRelativePath(run.Path, folder)}");
        return done;
    }

    private string Introduction(long last, int stepsPerEpoch) => FormattableString.Invariant(
        $"{train.Count} videos of {train.Classes.Count} classes, {validation.Count} to validate, {stepsPerEpoch} steps an epoch, {last} steps\n{model.ParameterCount / 1e6:0.00} M parameters on {options.Device} ({recipe.Precision}), {Arithmetic.PerClip(recipe) / 1e9:0.00} GFLOP a clip, rate {recipe.Optimizer.ScaledLr:g3}");

    /// <summary>Names each unreadable video once, when it is found, and keeps the list beside the run.</summary>
    private void ReportUnreadable(UnreadableVideos unreadable)
    {
        foreach (var video in unreadable.List.Where(v => setAside.Add(v.Path)))
        {
            log.Say($"set aside, cannot be read: {video.Path}: {video.Reason}");
            File.AppendAllText(run.Unreadable, $"{video.Path}\t{video.Reason}\n");
        }
    }

    private RunStoppedException Diverged(StepMetrics figures) => new(
        $"{(double.IsFinite(figures.Loss) ? "the gradient's norm" : "the loss")} of step {figures.Step} is not a finite number. " +
        (checkpoints.Newest() is { } kept ? $"The last good checkpoint is {kept}." : "No checkpoint had been saved yet.") +
        " Try a lower optimizer.lr, a longer optimizer.warmupEpochs, optimizer.clipGradient=1, or precision=float32.");

    /// <summary>Frees model and moments, closes the log.</summary>
    public void Dispose()
    {
        update.Dispose();
        model.Dispose();
        log.Dispose();
    }
}
