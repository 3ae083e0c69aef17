using System.Text.Json.Nodes;
using Sigma.Checkpoints;
using Sigma.Data;
using Sigma.Data.Sets;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Severe;

/// <summary>How the experiments are run.</summary>
public sealed record SevereOptions
{
    /// <summary>The pre-trained weights that every experiment starts from.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The folder that holds the data sets, each in a folder of its own.</summary>
    public required string Root { get; init; }

    /// <summary>The fine-tuning recipe; its sampling and mirroring give way to what an experiment wants.</summary>
    public required FineTuneRecipe Recipe { get; init; }

    /// <summary>Receives a run for each experiment.</summary>
    public required string Out { get; init; }

    /// <summary>Which experiments.</summary>
    public IReadOnlyList<SevereExperiment> Experiments { get; init; } = SevereExperiment.All;

    /// <summary>Take over the experiments that are done, and go on with those that are not.</summary>
    public bool Resume { get; init; }

    /// <summary>Where to compute.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>Where progress is shown.</summary>
    public TextWriter Progress { get; init; } = TextWriter.Null;

    /// <summary>Whether that is a terminal.</summary>
    public bool Terminal { get; init; }
}

/// <summary>An experiment that was run.</summary>
/// <param name="Experiment">Which.</param>
/// <param name="Result">Everything about it.</param>
public sealed record SevereOutcome(SevereExperiment Experiment, EvaluationResult Result)
{
    /// <summary>Its figure.</summary>
    public double Value => Result.Figures[Experiment.Figure];

    /// <summary>What it adds to the mean.</summary>
    public double Points => Experiment.Points(Value);

    /// <summary>The mean over all eight as published, per cent; null where some are missing.</summary>
    public static double? Mean(IReadOnlyList<SevereOutcome> outcomes) =>
        SevereExperiment.All.All(e => outcomes.Any(o => o.Experiment == e)) ? outcomes.Average(o => o.Points) : null;
}

/// <summary>
/// SEVERE (Thoker et al. 2022): how far a pre-trained model carries over to other domains, few samples, finer actions and other
/// tasks, each by fine-tuning all of it from the same checkpoint.
/// </summary>
/// <param name="options">What to run.</param>
public sealed class SevereSuite(SevereOptions options)
{
    private const string ResultFile = "result.json";

    /// <summary>Clips and crops of a test video of Charades, as published.</summary>
    private static readonly EvaluationViews CharadesViews = new(10, 3);

    /// <summary>Runs the experiments one after the other.</summary>
    /// <exception cref="BadInputException">A data set or the checkpoint cannot be used; found before anything is trained.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public IReadOnlyList<SevereOutcome> Run(CancellationToken stop = default)
    {
        // Everything is read first: a set that is missing shows before days of training.
        var sets = options.Experiments.Select(Read).ToList();
        var outcomes = new List<SevereOutcome>();
        foreach (var (experiment, train, test) in sets)
        {
            var folder = Path.Combine(options.Out, experiment.Name);
            var kept = Path.Combine(folder, ResultFile);
            if (File.Exists(kept) && !options.Resume)
                throw new BadInputException($"{folder} holds a result already: take it over with --resume, or choose another folder with --out");
            if (!File.Exists(kept))
            {
                options.Progress.WriteLine($"== {experiment.Title}: {train.Entries.Count} videos to train, {test.Entries.Count} to test");
                Tune(experiment, train, test, folder, stop).Write(kept);
            }
            outcomes.Add(new(experiment, EvaluationResult.Read(kept)));
        }
        return outcomes;
    }

    private EvaluationResult Tune(SevereExperiment experiment, DataSet train, DataSet test, string folder, CancellationToken stop)
    {
        try
        {
            return experiment.Task == SevereTask.Recognition ? Recognise(experiment, train, test, folder, stop) : Solve(experiment, train, test, folder, stop);
        }
        catch (OperationCanceledException interruption)
        {
            throw new OperationCanceledException($"interrupted in {experiment.Title}, saved; go on with --resume", interruption, stop);
        }
    }

    private (SevereExperiment Experiment, DataSet Train, DataSet Test) Read(SevereExperiment experiment)
    {
        var root = RootOf(experiment);
        var layout = DataSetLayout.Named(experiment.Set);
        var (train, test) = (layout.Read(root, experiment.Train), layout.Read(root, experiment.Test));
        if (train.Entries.Count == 0 || test.Entries.Count == 0)
            throw new BadInputException($"{root}: {layout.Title} has no videos in {(train.Entries.Count == 0 ? experiment.Train : experiment.Test)}");
        if (experiment.LowShot)
            train = train with { Entries = Few(experiment, train) };
        return (experiment, train, test);
    }

    /// <summary>The folder of the data set, which may also have the set's own name.</summary>
    private string RootOf(SevereExperiment experiment) => new[] { experiment.Folder, experiment.Set }
        .Select(name => Path.Combine(options.Root, name)).FirstOrDefault(Directory.Exists) ?? Path.Combine(options.Root, experiment.Folder);

    private IReadOnlyList<DataSetEntry> Few(SevereExperiment experiment, DataSet train)
    {
        var (entries, few) = LowShot.Draw(train.Entries, train.Classes.Count);
        if (few.Count > 0)
            options.Progress.WriteLine($"{experiment.Title}: {few.Count} classes have fewer training videos than wanted, so that the figure cannot be held against others: {string.Join(", ", few.Take(5).Select(label => train.Classes[label]))}{(few.Count > 5 ? ", …" : "")}");
        return entries;
    }

    private FineTuneRecipe RecipeOf(SevereExperiment experiment) => options.Recipe with
    {
        Clip = options.Recipe.Clip with { Sampling = experiment.Sampling },
        // Something-Something's labels know left from right.
        Augmentation = options.Recipe.Augmentation with { Flip = options.Recipe.Augmentation.Flip && experiment.Set != "ssv2" },
    };

    private EvaluationResult Recognise(SevereExperiment experiment, DataSet train, DataSet test, string folder, CancellationToken stop)
    {
        var lists = Path.Combine(folder, "lists");
        using var tuner = new FineTuner(new FineTuneOptions
        {
            Recipe = RecipeOf(experiment),
            Data = DataSetManifest.Write(train, train.Entries, lists),
            Validation = DataSetManifest.Write(test, test.Entries, lists),
            Init = options.Checkpoint,
            Out = folder,
            Resume = options.Resume,
            Device = options.Device,
            Progress = options.Progress,
            Terminal = options.Terminal,
        });
        var found = tuner.Train(stop).Test ?? throw new OperationCanceledException(stop);
        return Result(experiment, RecipeOf(experiment), found.Views, found.Videos, found.Outcomes);
    }

    private EvaluationResult Solve(SevereExperiment experiment, DataSet train, DataSet test, string folder, CancellationToken stop)
    {
        VideoTask task = experiment.Task == SevereTask.Counting
            ? new CountingTask([.. train.Entries.Select(e => e.Count!.Value)], [.. test.Entries.Select(e => e.Count!.Value)])
            : new MultiLabelTask(train.Classes.Count, [.. train.Entries.Select(e => e.Labels)], [.. test.Entries.Select(e => e.Labels)]);
        RunnableHere.Require(options.Recipe.Precision, options.Device);
        var start = new PretrainedEncoder(options.Checkpoint, RecipeOf(experiment));
        var run = new RunFolder(folder);
        using var log = new RunLog(run, options.Progress, options.Terminal);
        using var tuner = new TaskTuner(start, task, run, log, options.Device);
        tuner.Train(Videos(train, folder), options.Resume, stop);
        var views = experiment.Task == SevereTask.MultiLabel ? CharadesViews : new(start.Recipe.Views.Segments, start.Recipe.Views.Crops);
        var manifest = Videos(test, folder);
        var (scores, samples) = tuner.Test(manifest, new TestViews(start.Recipe.Clip, views.Segments, views.Crops), stop);
        return Result(experiment, start.Recipe, views, [.. samples.Select(manifest.Name)], task.Measure(scores, samples));
    }

    /// <summary>The videos of a split as a list whose labels say nothing: what is wanted of them, the task knows.</summary>
    private static Manifest Videos(DataSet set, string folder)
    {
        var lists = Directory.CreateDirectory(Path.Combine(folder, "lists")).FullName;
        var list = Path.Combine(lists, set.Split.Name + ".txt");
        DataSetManifest.WriteWhole(list, set.Entries.Select(e => DataSetManifest.Line(Path.GetRelativePath(lists, Path.GetFullPath(e.Path)), "0")));
        return Manifest.Load(list, labels: true).Within([.. set.Entries.Select(e => e.Frames)]);
    }

    private EvaluationResult Result(
        SevereExperiment experiment, FineTuneRecipe recipe, EvaluationViews views, IReadOnlyList<string> videos, IReadOnlyList<Metric> outcomes)
    {
        using var weights = CheckpointFile.Open(RunCheckpoint.Find(options.Checkpoint).Path);
        return new EvaluationResult
        {
            Command = "severe",
            Dataset = experiment.Set,
            Split = experiment.Test,
            Views = views,
            Checkpoint = options.Checkpoint,
            CheckpointHash = weights.Hash(),
            Seed = options.Recipe.Seed,
            Settings = new JsonObject
            {
                ["experiment"] = experiment.Name,
                ["train"] = experiment.LowShot ? $"{experiment.Train}, {LowShot.Clips} clips, seed {LowShot.Seed}" : experiment.Train,
                ["recipe"] = recipe.ToYaml(),
            },
            Videos = videos,
            Outcomes = outcomes,
        }.WithFigures();
    }
}
