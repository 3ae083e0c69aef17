using System.Text.Json.Nodes;
using Sigma.Checkpoints;
using Sigma.Data;
using Sigma.Data.Sets;
using Sigma.Recipes;
using Sigma.Training;

namespace Sigma.Evaluation.Severe;

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

    private readonly Ranks ranks = options.Ranks;

    /// <summary>Runs the experiments one after the other.</summary>
    /// <returns>What each gave; on rank 0, which writes.</returns>
    /// <exception cref="BadInputException">A data set or the checkpoint cannot be used; found before anything is trained.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public IReadOnlyList<SevereOutcome> Run(CancellationToken stop = default)
    {
        // Everything is looked at first: a set that is missing, or a result that is in the way, shows before days of training.
        RunnableHere.Require(options.Recipe.Precision, options.Device);
        RunnableHere.Require(options.Recipe.Data, options.Device);
        var hash = HashOfWeights();
        var sets = ReadAll();
        foreach (var (experiment, _, _) in sets)
            RequireUsable(experiment, hash);
        var outcomes = new List<SevereOutcome>();
        foreach (var (experiment, train, test) in sets)
        {
            if (!HasResult(experiment))
            {
                options.Progress.WriteLine($"== {experiment.Title}: {train.Entries.Count} videos to train, {test.Entries.Count} to test");
                Tune(experiment, train, test, stop)?.Write(ResultOf(experiment));
            }
            if (ranks.IsFirst)
                outcomes.Add(new(experiment, EvaluationResult.Read(ResultOf(experiment))));
        }
        return outcomes;
    }

    private string FolderOf(SevereExperiment experiment) => Path.Combine(options.Out, experiment.Name);

    private string ResultOf(SevereExperiment experiment) => Path.Combine(FolderOf(experiment), ResultFile);

    private bool HasResult(SevereExperiment experiment) => ranks.Any(ranks.IsFirst && File.Exists(ResultOf(experiment)));

    /// <summary>Trains and tests; null on all ranks but the first.</summary>
    private EvaluationResult? Tune(SevereExperiment experiment, DataSet train, DataSet test, CancellationToken stop)
    {
        var folder = FolderOf(experiment);
        try
        {
            return experiment.Task == SevereTask.Recognition ? Recognise(experiment, train, test, folder, stop) : Solve(experiment, train, test, folder, stop);
        }
        catch (OperationCanceledException interruption)
        {
            throw new OperationCanceledException($"interrupted in {experiment.Title}, saved; go on with --resume", interruption, stop);
        }
    }

    /// <summary>The sets of all experiments, or every reason why some cannot be used.</summary>
    private List<(SevereExperiment Experiment, DataSet Train, DataSet Test)> ReadAll()
    {
        if (!Directory.Exists(options.Root))
            throw new BadInputException($"{options.Root}: there is no such folder; --root is the one that holds the data sets, each in a folder of its own");
        var (sets, problems) = (new List<(SevereExperiment, DataSet, DataSet)>(), new List<string>());
        foreach (var experiment in options.Experiments)
        {
            try
            {
                sets.Add(Read(experiment));
            }
            catch (Exception problem) when (problem is BadInputException or ManifestException)
            {
                problems.Add($"{experiment.Name}: {problem.Message}");
            }
        }
        return problems.Count == 0
            ? sets
            : throw new BadInputException(string.Join('\n', problems) + (sets.Count == 0 ? "" : $"\nThe others can be run with --only {string.Join(',', sets.Select(set => set.Item1.Name))}"));
    }

    /// <summary>What an experiment's result depends on besides the checkpoint.</summary>
    private JsonObject Settings(SevereExperiment experiment) => new()
    {
        ["experiment"] = experiment.Name,
        ["train"] = experiment.LowShot ? $"{experiment.Train}, {LowShot.Clips} clips, seed {LowShot.Seed}" : experiment.Train,
        // How often is saved and how many workers read changes nothing of it.
        ["recipe"] = (new PretrainedEncoder(options.Checkpoint, RecipeOf(experiment)).Recipe with { Checkpoint = new(), Data = new() }).ToYaml(),
    };

    private string HashOfWeights()
    {
        using var weights = CheckpointFile.Open(RunCheckpoint.Find(options.Checkpoint).Path);
        return weights.Hash();
    }

    /// <summary>Refuses a result that is not to be taken over, or that other weights or another recipe gave.</summary>
    private void RequireUsable(SevereExperiment experiment, string hash)
    {
        if (!HasResult(experiment))
            return;
        var folder = FolderOf(experiment);
        if (!options.Resume)
            throw new BadInputException($"{folder} holds a result already: take it over with --resume, or choose another folder with --out");
        if (!ranks.IsFirst)
            return;
        var result = EvaluationResult.Read(ResultOf(experiment));
        if (result.CheckpointHash != hash || result.SettingsHash != ContentHash.Of(Settings(experiment).ToJsonString()))
            throw new BadInputException($"{folder} holds a result of {(result.CheckpointHash == hash ? "another recipe" : $"another checkpoint ({result.Checkpoint})")}: choose another folder with --out, or remove it");
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

    private EvaluationResult? Recognise(SevereExperiment experiment, DataSet train, DataSet test, string folder, CancellationToken stop)
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
            Ranks = ranks,
            Progress = options.Progress,
            Terminal = options.Terminal,
        });
        var summary = tuner.Train(stop);
        if (summary.Interrupted)
            throw new OperationCanceledException(stop);
        return summary.Test is { } found ? Result(experiment, found.Views, found.Videos, found.Outcomes) : null;
    }

    private EvaluationResult? Solve(SevereExperiment experiment, DataSet train, DataSet test, string folder, CancellationToken stop)
    {
        VideoTask task = experiment.Task == SevereTask.Counting
            ? new CountingTask([.. train.Entries.Select(e => e.Count!.Value)], [.. test.Entries.Select(e => e.Count!.Value)])
            : new MultiLabelTask(train.Classes.Count, [.. train.Entries.Select(e => e.Labels)], [.. test.Entries.Select(e => e.Labels)]);
        var start = new PretrainedEncoder(options.Checkpoint, RecipeOf(experiment));
        var (videos, manifest) = (Videos(train, folder), Videos(test, folder));
        new SharedRun(ranks).RequireSame(start.Recipe, videos, manifest, null);
        var run = new RunFolder(folder, writes: ranks.IsFirst);
        using var log = ranks.IsFirst ? new RunLog(run, options.Progress, options.Terminal) : RunLog.Silent();
        using var tuner = new TaskTuner(start, task, run, log, options.Device, ranks);
        tuner.Train(videos, options.Resume, stop);
        var views = experiment.Task == SevereTask.MultiLabel ? CharadesViews : new(start.Recipe.Views.Segments, start.Recipe.Views.Crops);
        var (scores, samples) = tuner.Test(manifest, new TestViews(start.Recipe.Clip, views.Segments, views.Crops), stop);
        return ranks.IsFirst ? Result(experiment, views, [.. samples.Select(manifest.Name)], task.Measure(scores, samples)) : null;
    }

    /// <summary>The videos of a split as a list whose labels say nothing: what is wanted of them, the task knows.</summary>
    private static Manifest Videos(DataSet set, string folder)
    {
        var lists = Directory.CreateDirectory(Path.Combine(folder, "lists")).FullName;
        var list = Path.Combine(lists, set.Split.Name + ".txt");
        WholeFile.WriteLines(list, set.Entries.Select(e => DataSetManifest.Line(Path.GetRelativePath(lists, Path.GetFullPath(e.Path)), "0")));
        return Manifest.Load(list, labels: true).Within([.. set.Entries.Select(e => e.Frames)]);
    }

    private EvaluationResult Result(
        SevereExperiment experiment, EvaluationViews views, IReadOnlyList<string> videos, IReadOnlyList<Metric> outcomes) => new EvaluationResult
        {
            Command = "severe",
            Dataset = experiment.Set,
            Split = experiment.Test,
            Views = views,
            Checkpoint = options.Checkpoint,
            CheckpointHash = HashOfWeights(),
            Seed = options.Recipe.Seed,
            Settings = Settings(experiment),
            Videos = videos,
            Outcomes = outcomes,
        }.WithFigures();
}
