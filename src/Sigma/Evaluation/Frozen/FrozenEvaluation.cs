using System.Text.Json.Nodes;
using Sigma.Data;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Frozen;

/// <summary>The rates and decays that a linear probe is tried with.</summary>
/// <param name="Epochs">Passes over the training clips. Published: 30.</param>
/// <param name="Batch">Clips of an update.</param>
/// <param name="Rates">Rates for a batch of 256; scaled by batch / 256. Published: 1e-3.</param>
/// <param name="Decays">Weight decays. Published: 0.05.</param>
public sealed record LinearSweep(int Epochs, int Batch, IReadOnlyList<double> Rates, IReadOnlyList<double> Decays);

/// <summary>What is evaluated: one encoder's features of a training and a validation list.</summary>
/// <param name="Encoder">The network.</param>
/// <param name="Checkpoint">As it was given.</param>
/// <param name="Train">Training videos with labels.</param>
/// <param name="Validation">Validation videos with labels that count into the same classes.</param>
/// <param name="Dataset">The validation list as it was given.</param>
/// <param name="Views">Views of every video.</param>
/// <param name="Device">Where the encoder computes.</param>
/// <param name="Seed">Of probes, splits and intervals.</param>
public sealed record FrozenTask(
    FrozenEncoder Encoder, string Checkpoint, Manifest Train, Manifest Validation, string Dataset, TestViews Views, Device Device, long Seed);

/// <summary>
/// What frozen features are worth by a linear probe, an attentive probe, and nearest neighbours. The network is never moved; its
/// features are computed once and kept.
/// </summary>
/// <param name="task">What is evaluated.</param>
/// <param name="store">Where features are kept.</param>
/// <param name="progress">Where progress is told; null for nowhere.</param>
public sealed class FrozenEvaluation(FrozenTask task, FeatureStore store, TextWriter? progress = null)
{
    /// <summary>Share of the training videos that a choice between settings is made on.</summary>
    private const double HeldOut = 0.1;

    /// <summary>Videos whose features are read at a time.</summary>
    private const int Read = 1024;

    /// <summary>Queries that are compared with the whole bank at a time: a million training pictures make half a gigabyte of cosines.</summary>
    private const int Queries = 128;

    /// <summary>
    /// Several ranks compute the features that an evaluation needs, each its part; then rank 0 goes on alone. All ranks make
    /// this call.
    /// </summary>
    /// <param name="kind">Which features it needs.</param>
    /// <param name="ranks">Who computes.</param>
    /// <param name="stop">Ends it early; what is whole stays.</param>
    /// <exception cref="BadInputException">The ranks were given different things.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public void Prepare(FeatureKind kind, Ranks ranks, CancellationToken stop)
    {
        var shared = new SharedRun(ranks);
        shared.RequireSame("--data", task.Train);
        shared.RequireSame("--val", task.Validation);
        ranks.RequireSame("checkpoint", task.Encoder.Hash, (_, _) => $"{task.Checkpoint} holds other weights there");
        ranks.RequireSame("set of views", $"{task.Views}", (first, other) => $"{first} on rank 0, {other} there");
        store.Fill(task.Encoder, task.Train, task.Views, kind, task.Device, ranks, stop);
        store.Fill(task.Encoder, task.Validation, task.Views, kind, task.Device, ranks, stop);
    }

    /// <summary>
    /// The linear probe. Where several rates or decays are given, each is trained without a tenth of every class of the training
    /// videos and scored on that tenth; the best is trained anew on all of them. The validation videos have no part in the choice.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public EvaluationResult Linear(LinearSweep sweep, CancellationToken stop)
    {
        using var scope = new TensorScope();
        using var train = store.Get(task.Encoder, task.Train, task.Views, FeatureKind.Mean, task.Device, stop);
        using var validation = store.Get(task.Encoder, task.Validation, task.Views, FeatureKind.Mean, task.Device, stop);
        var tried = new JsonArray();
        var settings = Choose(train, sweep, tried, stop);
        var scores = Trained(train, Everything(train), settings, validation, Everything(validation), stop);
        var facts = Settings("linear", ("epochs", settings.Epochs), ("batch", settings.Batch), ("rate", settings.Rate), ("decay", settings.Decay));
        facts["sweep"] = tried;
        return Result("linear", facts, validation, scores);
    }

    /// <summary>The attentive probe, on all tokens.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public EvaluationResult Attentive(ProbeSettings settings, CancellationToken stop)
    {
        using var scope = new TensorScope();
        using var train = store.Get(task.Encoder, task.Train, task.Views, FeatureKind.Tokens, task.Device, stop);
        using var validation = store.Get(task.Encoder, task.Validation, task.Views, FeatureKind.Tokens, task.Device, stop);
        var shape = task.Encoder.Encoder.Shape;
        using var head = new AttentiveHead(shape.Width, shape.Heads, task.Train.Classes.Count, settings.Seed);
        progress?.WriteLine(FormattableString.Invariant($"training an attentive probe of {head.ParameterCount} parameters for {settings.Epochs} epochs"));
        ProbeTraining.Fit(head, train, Everything(train), settings, stop);
        var scores = ProbeTraining.Scores(head, validation, Everything(validation), settings.Batch);
        var facts = Settings("attentive", ("epochs", settings.Epochs), ("batch", settings.Batch), ("rate", settings.Rate), ("decay", settings.Decay));
        return Result("attentive", facts, validation, scores);
    }

    /// <summary>Weighted nearest neighbours: the training videos are the bank, the validation videos the queries; the features of a video are its views' directions, averaged.</summary>
    /// <param name="k">Neighbours that vote; capped by the bank.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public EvaluationResult Knn(int k, CancellationToken stop)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        using var train = store.Get(task.Encoder, task.Train, task.Views, FeatureKind.Mean, task.Device, stop);
        using var validation = store.Get(task.Encoder, task.Validation, task.Views, FeatureKind.Mean, task.Device, stop);
        var bank = Directions(train);
        var queries = Directions(validation);
        var labels = Tensor.From([.. train.Labels.Select(l => (long)l)]);
        var capped = Math.Min(k, train.Samples.Count);
        var votes = new List<Tensor>();
        for (var first = 0; first < validation.Samples.Count; first += Queries)
        {
            stop.ThrowIfCancellationRequested();
            using var step = new TensorScope();
            var some = F.Narrow(queries, 0, first, Math.Min(Queries, validation.Samples.Count - first));
            votes.Add(step.Keep(NearestNeighbours.Votes(bank, labels, some, task.Train.Classes.Count, capped)));
        }
        var facts = Settings("knn", ("k", capped), ("temperature", NearestNeighbours.DefaultTemperature));
        return Result("knn", facts, validation, F.Cat([.. votes], 0));
    }

    private ProbeSettings Choose(StoredFeatures train, LinearSweep sweep, JsonArray tried, CancellationToken stop)
    {
        ProbeSettings[] all =
        [
            .. from rate in sweep.Rates
               from decay in sweep.Decays
               select new ProbeSettings(sweep.Epochs, sweep.Batch, rate * sweep.Batch / 256, decay, task.Seed),
        ];
        if (all.Length == 1)
            return all[0];
        var (kept, heldOut) = StratifiedSplit.Of(train.Labels, HeldOut, task.Seed);
        if (heldOut.Length == 0)
            throw new BadInputException("a choice between rates or decays needs a class with two training videos: give one of each");
        var labels = heldOut.Select(v => (long)train.Labels[v]).ToArray();
        var (best, bestTop1) = (all[0], double.NegativeInfinity);
        foreach (var settings in all)
        {
            using var scope = new TensorScope();
            var top1 = Accuracy.Top1(Trained(train, kept, settings, train, heldOut, stop), Tensor.From(labels));
            var rate = settings.Rate * 256 / settings.Batch;
            progress?.WriteLine(FormattableString.Invariant($"rate {rate:g3}, decay {settings.Decay:g3}: {100 * top1:0.0} % of {heldOut.Length} training videos set aside"));
            tried.Add(new JsonObject { ["rate"] = rate, ["decay"] = settings.Decay, ["heldOutTop1"] = top1 });
            if (top1 > bestTop1)
                (best, bestTop1) = (settings, top1);
        }
        return best;
    }

    private Tensor Trained(
        StoredFeatures train, IReadOnlyList<int> videos, ProbeSettings settings, StoredFeatures test, IReadOnlyList<int> tested, CancellationToken stop)
    {
        using var head = new LinearHead(task.Encoder.Encoder.Shape.Width, task.Train.Classes.Count, settings.Seed);
        ProbeTraining.Fit(head, train, videos, settings, stop);
        return ProbeTraining.Scores(head, test, tested, 1024);
    }

    /// <summary>The directions of a video's views, averaged: [V, D].</summary>
    private static Tensor Directions(StoredFeatures features)
    {
        using var scope = new TensorScope();
        var parts = new List<Tensor>();
        foreach (var videos in Everything(features).Chunk(Read))
        {
            using var step = new TensorScope();
            var rows = features.Rows([.. videos.SelectMany(v => Enumerable.Range(v * features.Views, features.Views))]);
            parts.Add(step.Keep(F.Mean(F.Reshape(F.Normalize(rows, 1), videos.Length, features.Views, -1), [1])));
        }
        return scope.Keep(F.Cat([.. parts], 0));
    }

    private static int[] Everything(StoredFeatures features) => [.. Enumerable.Range(0, features.Samples.Count)];

    private JsonObject Settings(string probe, params (string Name, JsonNode Value)[] own)
    {
        var clip = task.Encoder.Clip;
        var facts = new JsonObject
        {
            ["probe"] = probe,
            ["classes"] = task.Train.Classes.Count,
            ["trainHash"] = task.Train.Hash,
            ["validationHash"] = task.Validation.Hash,
            ["frames"] = clip.Frames,
            ["sampling"] = clip.Sampling.ToString().ToLowerInvariant(),
            ["stride"] = clip.Stride,
            ["size"] = clip.Size,
            ["segments"] = task.Views.Segments,
            ["crops"] = task.Views.Crops,
        };
        foreach (var (name, value) in own)
            facts[name] = value;
        return facts;
    }

    private EvaluationResult Result(string command, JsonObject settings, StoredFeatures validation, Tensor scores) => new EvaluationResult
    {
        Command = command,
        Dataset = task.Dataset,
        Split = "val",
        Views = new(task.Views.Segments, task.Views.Crops),
        Checkpoint = task.Checkpoint,
        CheckpointHash = task.Encoder.Hash,
        Seed = task.Seed,
        Settings = settings,
        Videos = [.. validation.Samples.Select(task.Validation.Name)],
        Outcomes = Accuracy.Metrics(scores, Tensor.From([.. validation.Labels.Select(l => (long)l)])),
    }.WithFigures();
}
