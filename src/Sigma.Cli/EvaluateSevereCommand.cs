using System.CommandLine;
using System.Globalization;
using Sigma.Evaluation;
using Sigma.Evaluation.Severe;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary><c>sigma evaluate severe CHECKPOINT --root DIR</c>: the eight experiments of SEVERE from one checkpoint.</summary>
internal static class EvaluateSevereCommand
{
    public static Command Create()
    {
        var checkpoint = new Argument<string>("checkpoint") { Description = "the pre-trained weights: a run's folder, one of its checkpoints, or a published file" };
        var root = new Option<string>("--root") { Required = true, HelpName = "DIR", Description = $"the folder that holds the data sets, unpacked in {string.Join(", ", SevereExperiment.All.Select(e => e.Folder).Distinct())}" };
        var only = new Option<string?>("--only") { HelpName = "NAME,NAME", Description = $"some of {string.Join(", ", SevereExperiment.All.Select(e => e.Name))}" };
        var recipe = new Option<string>("--recipe") { DefaultValueFactory = _ => "finetune-vitb-k400", Description = "the fine-tuning recipe of all experiments" };
        var set = CommonOptions.Set();
        var output = new Option<string>("--out") { HelpName = "DIR", DefaultValueFactory = _ => "severe", Description = "receives a run for each experiment" };
        var resume = new Option<bool>("--resume") { Description = "take over experiments that are done, and go on with the others" };
        var seed = CommonOptions.RecipeSeed();
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("severe", "Fine-tunes and tests a checkpoint on the eight experiments of SEVERE.") { checkpoint, root, only, recipe, set, output, resume, seed, device, json };
        command.SetAction(arguments => CommonOptions.OnRanks(arguments.GetValue(device)!, (ranks, place) =>
        {
            var experiments = SevereExperiment.Named(arguments.GetValue(only));
            using var signals = new StopSignals();
            var outcomes = new SevereSuite(new()
            {
                Checkpoint = arguments.GetValue(checkpoint)!,
                Root = arguments.GetValue(root)!,
                Recipe = FineTuneRecipe.Load(ShippedRecipes.Find(arguments.GetValue(recipe)!), CommonOptions.Overrides(arguments.GetValue(set)!, arguments.GetValue(seed))),
                Out = arguments.GetValue(output)!,
                Experiments = experiments,
                Resume = arguments.GetValue(resume),
                Device = place,
                Ranks = ranks,
                Progress = ranks.IsFirst ? Console.Error : TextWriter.Null,
                Terminal = !Console.IsErrorRedirected,
            }).Run(signals.Token);
            if (ranks.IsFirst)
                Tell(outcomes, arguments.GetValue(json));
            ranks.Barrier();
            return 0;
        }));
        return command;
    }

    private static void Tell(IReadOnlyList<SevereOutcome> outcomes, string? json)
    {
        Show(outcomes);
        if (json is not null)
            JsonFile.Write(json, Facts.Of(outcomes));
    }

    private static void Show(IReadOnlyList<SevereOutcome> outcomes)
    {
        Console.WriteLine($"{"factor",-8} {"experiment",-19} {"figure",-12} {"value",7}   95 % interval");
        foreach (var outcome in outcomes)
        {
            var interval = outcome.Result.Intervals[outcome.Experiment.Figure];
            Console.WriteLine($"{outcome.Experiment.Factor,-8} {outcome.Experiment.Title,-19} {ResultTable.Words(outcome.Experiment.Figure),-12} {Text(outcome, outcome.Value),7}   {Text(outcome, interval[0])} to {Text(outcome, interval[1])}");
        }
        Console.WriteLine(SevereOutcome.Mean(outcomes) is { } mean
            ? FormattableString.Invariant($"mean {mean:0.0} (counting as 100 − 100 · error)")
            : FormattableString.Invariant($"no mean: {SevereExperiment.All.Count - outcomes.Count} of the eight are missing"));
    }

    /// <summary>Shares in per cent, the error of counts as it is published.</summary>
    private static string Text(SevereOutcome outcome, double value) => outcome.Experiment.Task == SevereTask.Counting
        ? value.ToString("0.000", CultureInfo.InvariantCulture)
        : ResultTable.Percent(value);

    /// <param name="Command">Always <c>severe</c>.</param>
    /// <param name="Checkpoint">As it was given.</param>
    /// <param name="CheckpointHash">SHA-256 of the file with its weights.</param>
    /// <param name="Seed">Of training and intervals.</param>
    /// <param name="Experiments">Each experiment.</param>
    /// <param name="Mean">Over all eight as published, per cent; null where some are missing.</param>
    private sealed record Facts(string Command, string Checkpoint, string CheckpointHash, long Seed, IReadOnlyList<ExperimentFacts> Experiments, double? Mean)
    {
        public static Facts Of(IReadOnlyList<SevereOutcome> outcomes)
        {
            var first = outcomes[0].Result;
            return new(first.Command, first.Checkpoint, first.CheckpointHash, first.Seed, [.. outcomes.Select(ExperimentFacts.Of)], SevereOutcome.Mean(outcomes));
        }
    }

    /// <param name="Name">Of the experiment.</param>
    /// <param name="Factor">What it varies.</param>
    /// <param name="Dataset">The data set.</param>
    /// <param name="Split">The split it was tested on.</param>
    /// <param name="Views">Clips of a video.</param>
    /// <param name="Videos">Test videos that could be read.</param>
    /// <param name="Figure">The name of the figure that counts.</param>
    /// <param name="Value">That figure.</param>
    /// <param name="Interval">Its 95 % interval.</param>
    /// <param name="Points">What it adds to the mean.</param>
    /// <param name="Figures">All figures.</param>
    /// <param name="Intervals">Their intervals.</param>
    /// <param name="SettingsHash">Of what the figures depend on.</param>
    private sealed record ExperimentFacts(
        string Name, string Factor, string Dataset, string Split, EvaluationViews Views, int Videos, string Figure, double Value, double[] Interval, double Points,
        IReadOnlyDictionary<string, double> Figures, IReadOnlyDictionary<string, double[]> Intervals, string SettingsHash)
    {
        public static ExperimentFacts Of(SevereOutcome outcome)
        {
            var (experiment, result) = (outcome.Experiment, outcome.Result);
            return new(
                experiment.Name, experiment.Factor, result.Dataset, result.Split, result.Views, result.Videos.Count, experiment.Figure, outcome.Value,
                result.Intervals[experiment.Figure], outcome.Points, result.Figures, result.Intervals, result.SettingsHash);
        }
    }
}
