using System.Diagnostics;
using Sigma.Data;
using Sigma.Models;
using Sigma.Objectives;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training.Report;

namespace Sigma.Training;

/// <summary>
/// A pre-training run from recipe and videos to checkpoints: clips → step → figures → checkpoint, until the schedule, the
/// limit or a signal ends it.
/// </summary>
public sealed class Pretrainer : IDisposable
{
    private readonly PretrainOptions options;
    private readonly Recipe recipe;
    private readonly RunFolder run;
    private readonly RunLog log;
    private readonly Manifest manifest;
    private readonly MaskedVideoModel model;
    private readonly PretrainStep step;
    private readonly CheckpointStore checkpoints;
    private readonly RunHealth health;
    private readonly ITarget target;
    private readonly StoredTokens? stored;
    private readonly Ranks ranks;
    private readonly SharedRun shared;
    private readonly SharedCheckpoints state;
    private readonly SetAsideReport report;

    /// <summary>
    /// Checks everything that can be checked before work starts.
    /// </summary>
    /// <exception cref="BadInputException">The output folder cannot be written, the teacher's file does not serve, or a setting cannot be carried out here.</exception>
    /// <exception cref="ManifestException">There are no videos at the given place.</exception>
    /// <exception cref="RecipeException">The recipe lacks what it needs to run.</exception>
    public Pretrainer(PretrainOptions options)
    {
        this.options = options;
        var start = options.Init is { } init ? new StartingWeights(init, options.Recipe) : null;
        recipe = start?.Recipe ?? options.Recipe;
        RunnableHere.Require(recipe.Precision, options.Device);
        RunnableHere.Require(recipe.Data, options.Device);
        manifest = Manifest.Load(options.Data);
        ranks = options.Ranks;
        shared = new SharedRun(ranks);
        shared.RequireSame(recipe, manifest, options.MaxSteps);
        stored = StoredTokens.Beside(options.Data, manifest, recipe);
        if (stored is null)
            recipe.RequireRunnable("the recipe");
        run = new RunFolder(options.Out, writes: ranks.IsFirst);
        checkpoints = new CheckpointStore(run, recipe.Checkpoint.Keep);
        if (ranks.IsFirst && !options.Resume && checkpoints.Newest() is { } earlier)
            throw new BadInputException($"{options.Out} holds a run already ({Path.GetFileName(earlier)}): continue it with --resume, or choose another folder with --out");
        target = RecipeTarget.Of(recipe, options.Device, stored);
        log = ranks.IsFirst ? new RunLog(run, options.Progress, options.Terminal) : RunLog.Silent();
        model = new MaskedVideoModel(recipe, target.Width, recipe.Seed);
        if (start is not null && !(options.Resume && checkpoints.Newest() is not null))
            log.Say(start.Into(model));
        step = new PretrainStep(recipe, model, target, options.Device, ranks);
        health = new RunHealth(recipe, ranks);
        // A teacher is known by what is in its file, wherever that lies.
        var teacher = !recipe.Objective.NeedsTeacher ? null : stored is null ? ContentHash.OfFile(recipe.Objective.Teacher!) : $"{stored.Teacher} in half precision";
        var identity = RecipeIdentity.Of(recipe, teacher);
        ranks.RequireSame("teacher", identity.Hash, (_, _) => "objective.teacher, or the tokens stored beside the data, hold other values there");
        state = new SharedCheckpoints(ranks, checkpoints, log, model, step.Weights, identity, manifest.Hash, health);
        report = new SetAsideReport(run, log, ranks.IsFirst);
    }

    /// <summary>
    /// Trains until the schedule or the limit ends, or <paramref name="stop"/> is cancelled; in each case saved.
    /// </summary>
    /// <exception cref="RunStoppedException">The loss is not a finite number any more, or the run collapsed and shall stop then.</exception>
    /// <exception cref="TooManyUnreadableException">More videos than allowed cannot be read.</exception>
    /// <exception cref="IOException">A checkpoint could not be saved.</exception>
    public PretrainSummary Train(CancellationToken stop) => log.Record(() => Run(stop));

    private PretrainSummary Run(CancellationToken stop)
    {
        using var claim = ranks.IsFirst ? run.Claim() : null;
        var first = state.Start(options.Resume);
        if (ranks.IsFirst)
            WholeFile.WriteText(run.Recipe, recipe.ToYaml());
        using var loader = new ClipLoader(manifest, recipe, first * recipe.Optimizer.Accumulate, recipe.Data.Workers, stored, ranks.Rank, ranks.Count, options.Device);
        var schedule = WarmupCosine.Of(recipe.Optimizer, loader.StepsPerEpoch);
        var last = Math.Min(schedule.Steps, options.MaxSteps ?? long.MaxValue);
        using var metrics = ranks.IsFirst ? new MetricsFile(run, first) : null;
        using var page = ranks.IsFirst ? new ReportAtEnd(run, log, new PretrainReport(run, recipe, manifest).Of) : null;
        var alarm = new CollapseAlarm(recipe, ranks.IsFirst ? MetricsFile.Read(run.Metrics) : []);
        var ceiling = ranks.Sum(MatrixCeiling.Measure(options.Device, recipe.Precision.Type()))[0];
        log.Say(Introduction(last, loader.StepsPerEpoch, ceiling));
        var notRecorded = step.NotRecorded;

        var perClip = Arithmetic.PerClip(recipe, target);
        var (done, saved, batch) = (first, first, recipe.Optimizer.Batch);
        StepMetrics? latest = null;
        var whole = Stopwatch.StartNew();
        while (done < last && !ranks.Any(stop.IsCancellationRequested))
        {
            var watch = Stopwatch.StartNew();
            var waitedBefore = loader.Waited;
            var rate = schedule[done];
            if (Update(loader, done + 1, rate, stop) is not { } figures)
                break;
            done++;
            var seconds = watch.Elapsed.TotalSeconds;
            if (step.NotRecorded != notRecorded)
                log.Say($"the steps could not be recorded as a CUDA graph and go on operator by operator: {notRecorded = step.NotRecorded}");
            latest = new StepMetrics(
                done, (int)((done - 1) / loader.StepsPerEpoch), figures.Loss, rate, figures.Health.PrototypeEntropy, figures.GradNorm,
                batch / seconds, (loader.Waited - waitedBefore).TotalSeconds / seconds, batch * perClip / seconds / ceiling, seconds,
                figures.Health.RankTargets, figures.Health.RankPredictions, figures.Health.DeadPrototypes, figures.Health.SpreadTargets, figures.Health.MarginalError, step.Parts?.Seconds);
            metrics?.Add(latest);
            log.Progress(latest, last, done == last);
            report.Add(loader.Findings.Unreadable);
            state.RequireFinite(latest);
            if (done % recipe.Checkpoint.Every == 0 || done == last)
            {
                state.Save(done);
                shared.Share(loader.Findings);
                saved = done;
            }
            var collapse = alarm.Read(latest);
            if (collapse is not null)
                log.Say(collapse);
            // Rank 0 alone knows the figures from before the run continued, so the others ask it.
            if (recipe.Health.OnCollapse == CollapseAction.Stop && latest.RankTargets is not null && ranks.Any(ranks.IsFirst && collapse is not null))
                throw Collapsed(collapse ?? $"collapse at step {done}.", done, saved);
        }
        if (saved < done)
            state.Save(done);
        shared.Share(loader.Findings);
        var motionless = ranks.Sum(loader.MotionlessClips)[0];
        ranks.Barrier();
        report.Add(loader.Findings.Unreadable);
        report.Tell(loader.Findings.Short, "with fewer frames than a clip, filled up with the last one");
        report.TellOnCpu(loader.Findings);
        report.Tell(loader.Findings.Searched, "with motion searched by block matching, as the codec hands out no vectors");
        if (motionless > 0)
            log.Say(FormattableString.Invariant($"{motionless} of {(done - first) * batch} clips had no motion, and masks drawn as simulated motion"));
        return new PretrainSummary(
            done, checkpoints.Newest(), latest?.Loss, (done - first) * batch / whole.Elapsed.TotalSeconds,
            loader.Waited / whole.Elapsed, [.. loader.Findings.Unreadable.List.Select(v => $"{v.Path}: {v.Reason}")], done < last);
    }

    /// <summary>One update over all its micro-batches; null where the run was told to stop while waiting for clips.</summary>
    private (double Loss, HealthFigures Health, double GradNorm)? Update(ClipLoader loader, long number, double rate, CancellationToken stop)
    {
        using var scope = new TensorScope();
        var results = new List<ObjectiveResult>();
        Tensor? norm = null;
        // A recorded step has no parts that could be told apart, and memory of its own beside an ordinary one's.
        step.Parts = RunHealth.LooksCloser(number) && !step.Recorded ? new StepParts(options.Device) : null;
        for (var i = 0; i < recipe.Optimizer.Accumulate; i++)
        {
            ClipBatch batch;
            try
            {
                // Several ranks stop together, between two updates; and a pass that has begun has rescaled the prototypes that would be saved.
                batch = loader.Next(ranks.Count == 1 && i == 0 ? stop : CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
            catch (TooManyUnreadableException)
            {
                report.Add(loader.Findings.Unreadable);
                throw;
            }
            step.Parts?.Done(StepParts.DecodeWait);
            using (batch)
            {
                ObjectiveResult result;
                if (recipe.Optimizer.Accumulate == 1)
                    (result, norm) = step.Whole(batch.Clips, batch.Visible, batch.Hidden, batch.Tokens, rate);
                else
                    result = step.Accumulate(batch.Clips, batch.Visible, batch.Hidden, batch.Tokens);
                results.Add(result);
            }
        }
        norm ??= step.Update(rate);
        // The host waits for the device here, once an update.
        var loss = F.Mean(F.Stack([.. results.Select(r => F.Detach(r.Loss))], 0)).Item();
        return (ranks.Mean(loss), health.Read(number, results), norm.Item());
    }

    private string Introduction(long last, int stepsPerEpoch, double ceiling)
    {
        var clipped = manifest.Count < recipe.Optimizer.Batch / recipe.Clip.Repeats
            ? $"; fewer videos than a batch of {recipe.Optimizer.Batch}, so each comes up several times in it" : "";
        return FormattableString.Invariant($"{manifest.Count} videos, {stepsPerEpoch} steps an epoch, {last} steps{clipped}\n") +
            FormattableString.Invariant($"{model.ParameterCount / 1e6:0.00} M parameters on {options.Device} ({recipe.Precision}), {Arithmetic.PerClip(recipe, target) / 1e9:0.00} GFLOP a clip, matrix products reach {ceiling / 1e9:0} GFLOP/s here, rate {recipe.Optimizer.ScaledLr:g3}") +
            (options.Device.IsCuda ? $"\n{(step.NotRecorded is { } why ? $"steps are not recorded as a CUDA graph: {why}" : "after the first steps each is one CUDA graph")}" : "");
    }

    private RunStoppedException Collapsed(string collapse, long done, long saved)
    {
        if (saved < done)
            state.Save(done);
        return new RunStoppedException($"{collapse} The run stopped because of health.onCollapse; it is saved in {checkpoints.Newest()}.");
    }

    /// <summary>Frees model, moments and teacher, closes the log.</summary>
    public void Dispose()
    {
        (target as IDisposable)?.Dispose();
        step.Dispose();
        model.Dispose();
        log.Dispose();
    }
}
