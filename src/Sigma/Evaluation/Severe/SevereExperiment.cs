using Sigma.Recipes;

namespace Sigma.Evaluation.Severe;

/// <summary>What an experiment asks of a model.</summary>
public enum SevereTask
{
    /// <summary>One class a video, by top-1.</summary>
    Recognition,

    /// <summary>The number of repetitions, by the mean of |predicted − true| / true.</summary>
    Counting,

    /// <summary>Any number of classes a video, by mean average precision.</summary>
    MultiLabel,
}

/// <summary>One of the eight experiments of SEVERE (Thoker et al. 2022).</summary>
/// <param name="Name">As the command line takes it.</param>
/// <param name="Factor">What it varies against pre-training.</param>
/// <param name="Title">As it is published.</param>
/// <param name="Set">The data set's name.</param>
/// <param name="Folder">Where it lies below the root.</param>
/// <param name="Train">The split to train on.</param>
/// <param name="Test">The split to test on.</param>
/// <param name="Sampling">Which frames make a clip.</param>
/// <param name="Task">What is asked.</param>
/// <param name="LowShot">Whether the training split is cut down to 1000 clips.</param>
public sealed record SevereExperiment(
    string Name, string Factor, string Title, string Set, string Folder, string Train, string Test, SamplingKind Sampling, SevereTask Task, bool LowShot = false)
{
    /// <summary>All eight, in the order they are published.</summary>
    public static IReadOnlyList<SevereExperiment> All { get; } =
    [
        new("ssv2", "domain", "SSv2", "ssv2", "ssv2", "train", "validation", SamplingKind.Segments, SevereTask.Recognition),
        new("gym99", "domain", "Gym99", "gym99", "finegym", "train", "val", SamplingKind.Dense, SevereTask.Recognition),
        new("ucf101-1k", "samples", "UCF101, 1000 clips", "ucf101", "ucf101", "train-1", "test-1", SamplingKind.Dense, SevereTask.Recognition, LowShot: true),
        new("gym99-1k", "samples", "Gym99, 1000 clips", "gym99", "finegym", "train", "val", SamplingKind.Dense, SevereTask.Recognition, LowShot: true),
        new("fx-s1", "actions", "FX-S1", "fx-s1", "finegym", "train", "val", SamplingKind.Dense, SevereTask.Recognition),
        new("ub-s1", "actions", "UB-S1", "ub-s1", "finegym", "train", "val", SamplingKind.Dense, SevereTask.Recognition),
        new("ucf-rc", "task", "UCF-RC", "ucfrep", "ucfrep", "train", "val", SamplingKind.Segments, SevereTask.Counting),
        new("charades", "task", "Charades", "charades", "charades", "train", "test", SamplingKind.Segments, SevereTask.MultiLabel),
    ];

    /// <summary>The name of its figure.</summary>
    public string Figure => Task switch { SevereTask.Counting => "countError", SevereTask.MultiLabel => "map", _ => "top1" };

    /// <summary>What its figure adds to the mean: per cent, an error counted down from 100.</summary>
    public double Points(double value) => Task == SevereTask.Counting ? 100 - 100 * value : 100 * value;

    /// <summary>Experiments by their names, in the published order.</summary>
    /// <param name="names">Names with commas between; null for all.</param>
    /// <exception cref="BadInputException">There is no such experiment.</exception>
    public static IReadOnlyList<SevereExperiment> Named(string? names)
    {
        if (names is null)
            return All;
        var wanted = names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var unknown = wanted.FirstOrDefault(name => All.All(experiment => experiment.Name != name)) ?? (wanted.Length == 0 ? names : null);
        return unknown is null
            ? [.. All.Where(experiment => wanted.Contains(experiment.Name))]
            : throw new BadInputException($"there is no experiment '{unknown}': SEVERE has {string.Join(", ", All.Select(experiment => experiment.Name))}");
    }
}
