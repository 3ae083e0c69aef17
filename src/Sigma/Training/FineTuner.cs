using System.Diagnostics;
using Sigma.Data;
using Sigma.Data.Augmentation;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training.Report;

namespace Sigma.Training;

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
    private readonly Ranks ranks;
    private readonly SharedRun shared;
    private readonly SharedCheckpoints state;
    private readonly SetAsideReport report;
    private readonly FineTuneValidation testing;

    /// <summary>Checks everything that can be checked before work starts.</summary>
    /// <exception cref="BadInputException">The output folder cannot be written, the weights do not fit, or the labels do not serve.</exception>
    /// <exception cref="ManifestException">There are no videos, videos without a label, or labels that training does not know.</exception>
    public FineTuner(FineTuneOptions options)
    {
        this.options = options;
        RunnableHere.Require(options.Recipe.Precision, options.Device);
        RunnableHere.Require(options.Recipe.Data, options.Device);
        train = Manifest.Load(options.Data, labels: true);
        if (train.Classes.Count < 2)
            throw new BadInputException($"{options.Data} has one class alone ({train.Classes[0]}): there is nothing to tell apart");
        validation = Manifest.Load(options.Validation, labels: true, train.Classes);
        if (options is { Init: null, Resume: false })
            throw NothingToStartFrom();
        var start = options.Init is { } init ? new PretrainedEncoder(init, options.Recipe) : null;
        recipe = start?.Recipe ?? options.Recipe;
        ranks = options.Ranks;
        shared = new SharedRun(ranks);
        shared.RequireSame(recipe, train, validation, options.MaxSteps);
        run = new RunFolder(options.Out, writes: ranks.IsFirst);
        checkpoints = new CheckpointStore(run, recipe.Checkpoint.Keep);
        if (ranks.IsFirst && !options.Resume && checkpoints.Newest() is { } earlier)
            throw new BadInputException($"{options.Out} holds a run already ({Path.GetFileName(earlier)}): continue it with --resume, or choose another folder with --out");
        model = new VideoClassifier(EncoderShape.Of(recipe), train.Classes.Count, recipe.Seed);
        model.MoveTo(options.Device);
        var continues = ranks.Any(ranks.IsFirst && options.Resume && checkpoints.Newest() is not null);
        if (start is null && !continues)
            throw NothingToStartFrom();
        var taken = continues ? null : start!.Into(model);
        log = ranks.IsFirst ? new RunLog(run, options.Progress, options.Terminal) : RunLog.Silent();
        if (taken is not null)
            log.Say(taken);
        update = new WeightUpdate(
            model, LayerRates.Groups(model, recipe.Model.Depth, recipe.Optimizer.WeightDecay, recipe.Layers.RateDecay), recipe.Optimizer, recipe.Precision, ranks);
        step = new FineTuneStep(recipe, model, update, options.Device, ranks);
        state = new SharedCheckpoints(ranks, checkpoints, log, model, update, RecipeIdentity.Of(recipe), ContentHash.Of(train.Hash + validation.Hash));
        report = new SetAsideReport(run, log, ranks.IsFirst);
        testing = new FineTuneValidation(options, recipe, validation, run, log, report);
    }

    /// <summary>
    /// Trains until the schedule or the limit ends, or <paramref name="stop"/> is cancelled; in each case saved.
    /// </summary>
    /// <exception cref="RunStoppedException">The loss is not a finite number any more.</exception>
    /// <exception cref="TooManyUnreadableException">More videos than allowed cannot be read.</exception>
    /// <exception cref="IOException">A checkpoint could not be saved.</exception>
    public FineTuneSummary Train(CancellationToken stop) => log.Record(() => Run(stop));

    private FineTuneSummary Run(CancellationToken stop)
    {
        using var claim = ranks.IsFirst ? run.Claim() : null;
        var first = state.Start(options.Resume);
        if (ranks.IsFirst)
        {
            WholeFile.WriteText(run.Recipe, recipe.ToYaml());
            WholeFile.WriteLines(run.Classes, train.Classes);
        }
        using var loader = new LabelledClipLoader(train, recipe, first * recipe.Optimizer.Accumulate, ranks.Rank, ranks.Count, options.Device);
        var schedule = WarmupCosine.Of(recipe.Optimizer, loader.StepsPerEpoch);
        var last = Math.Min(schedule.Steps, options.MaxSteps ?? long.MaxValue);
        using var metrics = ranks.IsFirst ? new MetricsFile(run, first) : null;
        testing.Start(first);
        using var page = ranks.IsFirst ? new ReportAtEnd(run, log, new FineTuneReport(run, recipe, train, testing).Of) : null;
        var ceiling = ranks.Sum(MatrixCeiling.Measure(options.Device, recipe.Precision.Type()))[0];
        log.Say(Introduction(last, loader.StepsPerEpoch));

        var (done, saved, training, stopped) = (first, first, TimeSpan.Zero, false);
        while (true)
        {
            // Before saving, so that a run killed in the middle of it validates again when it continues.
            var ended = done == schedule.Steps || (done > 0 && done % loader.StepsPerEpoch == 0);
            stopped = ended && !testing.TryValidate(model, update.Average, done, (int)(done / loader.StepsPerEpoch), stop);
            if (done > saved && (stopped || done % recipe.Checkpoint.Every == 0 || done >= last))
            {
                state.Save(done);
                shared.Share(loader.Findings);
                saved = done;
            }
            if (stopped || done >= last || ranks.Any(stop.IsCancellationRequested))
                break;
            var watch = Stopwatch.StartNew();
            StepMetrics figures;
            try
            {
                figures = step.Update(loader, done, schedule[done], ceiling, Accumulate, stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (TooManyUnreadableException)
            {
                report.Add(loader.Findings.Unreadable);
                throw;
            }
            training += watch.Elapsed;
            done = figures.Step;
            metrics?.Add(figures);
            log.Progress(figures, last, done == last);
            report.Add(loader.Findings.Unreadable);
            state.RequireFinite(figures);
        }
        if (saved < done)
            state.Save(done);
        shared.Share(loader.Findings);
        report.Add(loader.Findings.Unreadable);
        report.Tell(loader.Findings.Short, "with fewer frames than a clip, which repeats some of them");
        report.TellOnCpu(loader.Findings);
        var tested = done == schedule.Steps && !stopped && testing.TryTest(model, stop);
        ranks.Barrier();
        return new(
            done, checkpoints.Newest(), testing.Best, testing.Test, done > first ? (done - first) * recipe.Optimizer.Batch / training.TotalSeconds : null,
            [.. loader.Findings.Unreadable.List.Select(v => $"{v.Path}: {v.Reason}")], done < last || (done == schedule.Steps && !tested));
    }

    private Tensor Accumulate(LabelledBatch batch, int epoch, long microStep)
    {
        using var scope = new TensorScope();
        var random = new CounterRandom(recipe.Seed, epoch, (int)(microStep % int.MaxValue), Purpose.Mixing);
        var mixing = Mixing.Draw(recipe.Augmentation, recipe.Clip.Size, ref random);
        // Clips travel as bytes; mixed by shares they become numbers.
        var clips = mixing.Clips(F.To(batch.Clips, options.Device));
        var wanted = F.To(mixing.Labels(batch.Labels, model.Classes, recipe.Augmentation.LabelSmoothing), options.Device); // [B, classes]
        return scope.Keep(step.Accumulate(clips, batch.Keys, logits => F.CrossEntropy(logits, wanted)));
    }

    private static BadInputException NothingToStartFrom() =>
        new("give --init: the pre-trained weights to start from, a run's folder, one of its checkpoints, or a published file");

    private string Introduction(long last, int stepsPerEpoch) => FormattableString.Invariant(
        $"{train.Count} videos of {train.Classes.Count} classes, {validation.Count} to validate, {stepsPerEpoch} steps an epoch, {last} steps\n{model.ParameterCount / 1e6:0.00} M parameters on {options.Device} ({recipe.Precision}), {Arithmetic.PerClip(recipe) / 1e9:0.00} GFLOP a clip, rate {recipe.Optimizer.ScaledLr:g3}");

    /// <summary>Frees model and moments, closes the log.</summary>
    public void Dispose()
    {
        update.Dispose();
        model.Dispose();
        log.Dispose();
    }
}
