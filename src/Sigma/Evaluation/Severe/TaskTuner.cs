using System.Diagnostics;
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
    private readonly PretrainedEncoder start;
    private readonly FineTuneRecipe recipe;
    private readonly VideoTask task;
    private readonly RunFolder run;
    private readonly RunLog log;
    private readonly Device device;
    private readonly CheckpointStore checkpoints;
    private readonly VideoClassifier model;
    private readonly WeightUpdate update;

    /// <summary>A network for a task, its encoder not loaded yet.</summary>
    /// <param name="start">The pre-trained encoder, and the settings.</param>
    /// <param name="task">Loss and figure.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="log">Where progress is told; it belongs to the caller.</param>
    /// <param name="device">Where to compute.</param>
    public TaskTuner(PretrainedEncoder start, VideoTask task, RunFolder run, RunLog log, Device device)
    {
        (this.start, recipe, this.task, this.run, this.log, this.device) = (start, start.Recipe, task, run, log, device);
        checkpoints = new CheckpointStore(run, recipe.Checkpoint.Keep);
        model = new VideoClassifier(EncoderShape.Of(recipe), task.Outputs, recipe.Seed);
        model.MoveTo(device);
        update = new WeightUpdate(
            model, LayerRates.Groups(model, recipe.Model.Depth, recipe.Optimizer.WeightDecay, recipe.Layers.RateDecay), recipe.Optimizer, recipe.Precision);
    }

    /// <summary>Trains, or goes on training, and leaves the weights to test in <c>best/model.safetensors</c>.</summary>
    /// <param name="train">The training videos.</param>
    /// <param name="resume">Whether to continue from the newest checkpoint, where there is one.</param>
    /// <param name="stop">Ends it early, saved.</param>
    /// <exception cref="BadInputException">The weights do not fit, or a checkpoint stands there that is not to be continued.</exception>
    /// <exception cref="RunStoppedException">The loss is not a finite number any more.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled; what was trained is saved.</exception>
    public void Train(Manifest train, bool resume, CancellationToken stop)
    {
        var (recipeHash, dataHash) = (recipe.TrainingHash, ContentHash.Of(train.Hash + task.Wanted));
        var done = Begin(resume, recipeHash, dataHash);
        File.WriteAllText(run.Recipe, recipe.ToYaml());
        using var loader = new LabelledClipLoader(train, recipe, done * recipe.Optimizer.Accumulate);
        using var metrics = new MetricsFile(run, done);
        var schedule = WarmupCosine.Of(recipe.Optimizer, loader.StepsPerEpoch);
        var ceiling = MatrixCeiling.Measure(device, recipe.Precision.Type());
        var saved = done;
        try
        {
            while (done < schedule.Steps)
            {
                var figures = Update(loader, done, schedule[done], ceiling, stop);
                done = figures.Step;
                metrics.Add(figures);
                log.Progress(figures, schedule.Steps, done == schedule.Steps);
                if (!double.IsFinite(figures.Loss) || (!double.IsFinite(figures.GradNorm) && update.LossScale is not { HasRoom: true }))
                    throw new RunStoppedException($"the loss or the gradient's norm of step {done} is not a finite number. Try a lower optimizer.lr, a longer optimizer.warmupEpochs, optimizer.clipGradient=1, or precision=float32.");
                if (done % recipe.Checkpoint.Every == 0 || done == schedule.Steps)
                    saved = Save(done);
            }
        }
        catch (OperationCanceledException) when (done > saved)
        {
            Save(done);
            throw;
        }
        finally
        {
            foreach (var video in loader.Findings.Unreadable.List)
                log.Say($"set aside, cannot be read: {video.Path}: {video.Reason}");
        }
        if (update.Average is { } average)
            model.Load(average.State().ToDictionary());
        BestWeights.Save(run, model);

        long Save(long step)
        {
            var folder = checkpoints.Save(step, model, update.Optimizer, recipeHash, dataHash, update.Average, update.LossScale);
            log.Say($"saved {Path.GetRelativePath(run.Path, folder)}");
            return step;
        }
    }

    /// <summary>Scores the test videos on several views each.</summary>
    /// <returns>[n][O] and the places [n] of the videos that could be read.</returns>
    public (float[][] Scores, int[] Samples) Test(Manifest test, TestViews views, CancellationToken stop)
    {
        using var noGrad = new NoGrad();
        var (scores, samples) = (new List<float[]>(), new List<int>());
        var clips = new ViewClips(test, views, recipe.Data.Workers);
        foreach (var (batch, pixels) in clips.Read(stop))
        {
            using var scope = new TensorScope();
            using var autocast = new Autocast(device, recipe.Precision.Type());
            var outputs = F.To(model.Forward(F.To(pixels, device)), ScalarType.Float32); // [n · V, O]
            scores.AddRange(task.Scores(F.Reshape(outputs, batch.Length, views.Count, task.Outputs)).ToArray<float>().Chunk(task.Outputs));
            samples.AddRange(batch);
        }
        foreach (var video in clips.Unreadable.List)
            log.Say($"left out, cannot be read: {video.Path}: {video.Reason}");
        return samples.Count > 0
            ? ([.. scores], [.. samples])
            : throw new BadInputException($"none of the {test.Count} videos to evaluate can be read, such as {clips.Unreadable.List[0].Path}: {clips.Unreadable.List[0].Reason}");
    }

    /// <summary>Frees network and moments.</summary>
    public void Dispose()
    {
        update.Dispose();
        model.Dispose();
    }

    /// <summary>1. The newest whole checkpoint of this folder, when resuming. 2. The pre-trained encoder.</summary>
    /// <returns>Updates done.</returns>
    private long Begin(bool resume, string recipeHash, string dataHash)
    {
        var newest = checkpoints.Newest();
        if (newest is null)
        {
            log.Say(start.Into(model));
            return 0;
        }
        if (!resume)
            throw new BadInputException($"{run.Path} holds a run already ({Path.GetFileName(newest)}): continue it with --resume, or choose another folder with --out");
        var state = CheckpointStore.Load(newest, model, update.Optimizer, recipeHash, dataHash, update.Average, update.LossScale);
        log.Say($"continuing from {Path.GetFileName(newest)}");
        return state.Step;
    }

    private StepMetrics Update(LabelledClipLoader loader, long done, double rate, double ceiling, CancellationToken stop)
    {
        using var scope = new TensorScope();
        var (watch, waited) = (Stopwatch.StartNew(), loader.Waited);
        var losses = new List<Tensor>();
        for (var i = 0; i < recipe.Optimizer.Accumulate; i++)
        {
            var batch = loader.Next(stop);
            losses.Add(Accumulate(batch));
            loader.GiveBack(batch);
        }
        var norm = update.Apply(rate);
        var (loss, seconds, clips) = (F.Mean(F.Stack([.. losses], 0)).Item(), watch.Elapsed.TotalSeconds, recipe.Optimizer.Batch);
        return new(
            done + 1, (int)(done / loader.StepsPerEpoch), loss, rate, null, norm.Item(), clips / seconds,
            (loader.Waited - waited).TotalSeconds / seconds, clips * Arithmetic.PerClip(recipe) / seconds / ceiling, seconds);
    }

    private Tensor Accumulate(LabelledBatch batch)
    {
        using var scope = new TensorScope();
        var tubes = ClipTubes.Cut(F.To(batch.Clips, device), recipe.Clip.TubeFrames, recipe.Clip.TubeSize); // [B, N, P]
        var paths = DropPath.Draw(recipe.Model.Depth, recipe.Layers.DropPath, batch.Keys) is { } drawn ? F.To(drawn, device) : null;
        Tensor outputs;
        using (new Autocast(device, recipe.Precision.Type()))
            outputs = model.Logits(model.Features(tubes, paths)); // [B, O]
        var loss = task.Loss(F.To(outputs, ScalarType.Float32), [.. batch.Keys.Select(key => key.Sample)]);
        update.Accumulate(loss);
        return scope.Keep(F.Detach(loss));
    }
}
