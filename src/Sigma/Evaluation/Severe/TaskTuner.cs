using System.Diagnostics;
using Sigma.Data;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Severe;

/// <summary>
/// Fine-tunes the whole network for a task without one class a video: clips and rates as for classes, without mixing clips and
/// smoothing labels, which only classes have. The weights after the last update are tested.
/// </summary>
/// <param name="recipe">The settings.</param>
/// <param name="task">Loss and figure.</param>
/// <param name="run">The run's folder.</param>
/// <param name="log">Where progress is told.</param>
/// <param name="device">Where to compute.</param>
internal sealed class TaskTuner(FineTuneRecipe recipe, VideoTask task, RunFolder run, RunLog log, Device device)
{
    /// <summary>Trains, and leaves the weights in <c>best/model.safetensors</c>.</summary>
    /// <param name="start">The pre-trained encoder.</param>
    /// <param name="train">The training videos.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="RunStoppedException">The loss is not a finite number any more.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public VideoClassifier Train(PretrainedEncoder start, Manifest train, CancellationToken stop)
    {
        var model = new VideoClassifier(EncoderShape.Of(recipe), task.Outputs, recipe.Seed);
        try
        {
            log.Say(start.Into(model));
            model.MoveTo(device);
            Train(model, train, stop);
            BestWeights.Save(run, model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Scores the test videos on several views each.</summary>
    /// <returns>[n][O] and the places [n] of the videos that could be read.</returns>
    public (float[][] Scores, int[] Samples) Test(VideoClassifier model, Manifest test, TestViews views, CancellationToken stop)
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

    private void Train(VideoClassifier model, Manifest train, CancellationToken stop)
    {
        using var update = new WeightUpdate(
            model, LayerRates.Groups(model, recipe.Model.Depth, recipe.Optimizer.WeightDecay, recipe.Layers.RateDecay), recipe.Optimizer, recipe.Precision);
        using var loader = new LabelledClipLoader(train, recipe, 0);
        using var metrics = new MetricsFile(run, 0);
        var schedule = WarmupCosine.Of(recipe.Optimizer, loader.StepsPerEpoch);
        var ceiling = MatrixCeiling.Measure(device, recipe.Precision.Type());
        for (var done = 0L; done < schedule.Steps; done++)
        {
            using var scope = new TensorScope();
            var (watch, waited) = (Stopwatch.StartNew(), loader.Waited);
            var losses = new List<Tensor>();
            for (var i = 0; i < recipe.Optimizer.Accumulate; i++)
            {
                var batch = loader.Next(stop);
                losses.Add(Accumulate(model, update, batch));
                loader.GiveBack(batch);
            }
            var norm = update.Apply(schedule[done]);
            var (loss, seconds, clips) = (F.Mean(F.Stack([.. losses], 0)).Item(), watch.Elapsed.TotalSeconds, recipe.Optimizer.Batch);
            var figures = new StepMetrics(
                done + 1, (int)(done / loader.StepsPerEpoch), loss, schedule[done], null, norm.Item(), clips / seconds,
                (loader.Waited - waited).TotalSeconds / seconds, clips * Arithmetic.PerClip(recipe) / seconds / ceiling, seconds);
            metrics.Add(figures);
            log.Progress(figures, schedule.Steps, done + 1 == schedule.Steps);
            if (!double.IsFinite(loss))
                throw new RunStoppedException($"the loss of step {done + 1} is not a finite number. Try a lower optimizer.lr, a longer optimizer.warmupEpochs, optimizer.clipGradient=1, or precision=float32.");
        }
    }

    private Tensor Accumulate(VideoClassifier model, WeightUpdate update, LabelledBatch batch)
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
