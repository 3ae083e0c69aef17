using Sigma.Data;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Severe;

/// <summary>
/// Fine-tunes the whole network for a task without one class a video: clips and rates as for classes, without mixing clips and
/// smoothing labels, which only classes have. The weights after the last update are tested, or their average where the recipe
/// asks for one. A run that was interrupted continues from its newest checkpoint, with the bytes it would have had.
/// </summary>
internal sealed class TaskTuner : IDisposable
{
    private readonly FineTuneRecipe recipe;
    private readonly VideoTask task;
    private readonly RunFolder run;
    private readonly RunLog log;
    private readonly Device device;
    private readonly Ranks ranks;
    private readonly CheckpointStore checkpoints;
    private readonly string taken;
    private readonly VideoClassifier model;
    private readonly WeightUpdate update;
    private readonly FineTuneStep step;

    /// <summary>A network for a task, which starts from the pre-trained encoder.</summary>
    /// <param name="start">The encoder, and the settings.</param>
    /// <param name="task">Loss and figure.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="log">Where progress is told; it belongs to the caller.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="ranks">Who shares the work; rank 0 writes.</param>
    /// <exception cref="BadInputException">The weights do not fit.</exception>
    public TaskTuner(PretrainedEncoder start, VideoTask task, RunFolder run, RunLog log, Device device, Ranks ranks)
    {
        (recipe, this.task, this.run, this.log, this.device, this.ranks) = (start.Recipe, task, run, log, device, ranks);
        checkpoints = new CheckpointStore(run, recipe.Checkpoint.Keep);
        model = new VideoClassifier(EncoderShape.Of(recipe), task.Outputs, recipe.Seed);
        taken = start.Into(model);
        model.MoveTo(device);
        update = new WeightUpdate(
            model, LayerRates.Groups(model, recipe.Model.Depth, recipe.Optimizer.WeightDecay, recipe.Layers.RateDecay), recipe.Optimizer, recipe.Precision, ranks);
        step = new FineTuneStep(recipe, model, update, device, ranks);
    }

    /// <summary>Trains, or goes on training, and leaves the weights to test in <c>best/model.safetensors</c>.</summary>
    /// <param name="train">The training videos.</param>
    /// <param name="resume">Whether to continue from the newest checkpoint, where there is one.</param>
    /// <param name="stop">Ends it early, saved.</param>
    /// <exception cref="BadInputException">A checkpoint stands there that is not to be continued.</exception>
    /// <exception cref="RunStoppedException">The loss is not a finite number any more.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled; what was trained is saved.</exception>
    public void Train(Manifest train, bool resume, CancellationToken stop)
    {
        using var claim = ranks.IsFirst ? run.Claim() : null;
        var (state, shared) = (new SharedCheckpoints(ranks, checkpoints, log, model, update, RecipeIdentity.Of(recipe), ContentHash.Of(train.Hash + task.Wanted)), new SharedRun(ranks));
        var done = Begin(state, resume);
        if (ranks.IsFirst)
            WholeFile.WriteText(run.Recipe, recipe.ToYaml());
        using var loader = new LabelledClipLoader(train, recipe, done * recipe.Optimizer.Accumulate, ranks.Rank, ranks.Count, device);
        using var metrics = ranks.IsFirst ? new MetricsFile(run, done) : null;
        var schedule = WarmupCosine.Of(recipe.Optimizer, loader.StepsPerEpoch);
        var ceiling = ranks.Sum(MatrixCeiling.Measure(device, recipe.Precision.Type()))[0];
        var saved = done;
        try
        {
            while (done < schedule.Steps)
            {
                if (ranks.Any(stop.IsCancellationRequested))
                    throw new OperationCanceledException(stop);
                var figures = step.Update(loader, done, schedule[done], ceiling, (batch, _, _) => Accumulate(batch), stop);
                done = figures.Step;
                metrics?.Add(figures);
                log.Progress(figures, schedule.Steps, done == schedule.Steps);
                state.RequireFinite(figures);
                if (done % recipe.Checkpoint.Every != 0 && done < schedule.Steps)
                    continue;
                state.Save(done);
                shared.Share(loader.Findings);
                saved = done;
            }
        }
        catch (OperationCanceledException) when (done > saved)
        {
            state.Save(done);
            throw;
        }
        finally
        {
            foreach (var video in loader.Findings.Unreadable.List)
                log.Say($"set aside, cannot be read: {video.Path}: {video.Reason}");
        }
        if (update.Average is { } average)
            model.Load(average.State().ToDictionary());
        if (ranks.IsFirst)
            BestWeights.Save(run, model);
    }

    /// <summary>Scores the test videos on several views each, with rank 0's weights.</summary>
    /// <returns>[n][O] and the places [n] of the videos that could be read.</returns>
    public (float[][] Scores, List<int> Samples) Test(Manifest test, TestViews views, CancellationToken stop)
    {
        using var scope = new TensorScope();
        ranks.Share("set of weights to test", [.. model.Parameters().Select(p => p.Value)]);
        var (scores, samples, unreadable) = SampleRows.OfViews(test, views, recipe.Data.Workers, clips => ScoresOf(clips, views.Count), ranks, stop);
        foreach (var video in unreadable.List)
            log.Say($"left out, cannot be read: {video.Path}: {video.Reason}");
        return ([.. scores.ToArray<float>().Chunk(task.Outputs)], samples);
    }

    /// <summary>Clips [n · views, T, H, W, 3] to scores [n, O], on the CPU.</summary>
    private Tensor ScoresOf(Tensor clips, int views)
    {
        using var scope = new TensorScope();
        using var autocast = new Autocast(device, recipe.Precision.Type());
        var outputs = F.To(model.Forward(F.To(clips, device)), ScalarType.Float32); // [n · V, O]
        return scope.Keep(F.To(task.Scores(F.Reshape(outputs, -1, views, task.Outputs)), Device.Cpu));
    }

    /// <summary>Frees network and moments.</summary>
    public void Dispose()
    {
        update.Dispose();
        model.Dispose();
    }

    /// <summary>1. The newest whole checkpoint of this folder, when resuming. 2. The pre-trained encoder.</summary>
    /// <returns>Updates done.</returns>
    private long Begin(SharedCheckpoints state, bool resume)
    {
        var newest = ranks.IsFirst ? checkpoints.Newest() : null;
        if (newest is not null && !resume)
            throw new BadInputException($"{run.Path} holds a run already ({Path.GetFileName(newest)}): continue it with --resume, or choose another folder with --out");
        if (newest is null)
            log.Say(taken);
        return state.Start(newest is not null);
    }

    private Tensor Accumulate(LabelledBatch batch) =>
        step.Accumulate(batch.Clips, batch.Keys, outputs => task.Loss(outputs, [.. batch.Keys.Select(key => key.Sample)]));
}
