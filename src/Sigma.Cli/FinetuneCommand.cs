using System.CommandLine;
using Sigma.Recipes;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary><c>sigma finetune RECIPE --data PATH --val PATH --init CHECKPOINT --out DIR …</c></summary>
internal static class FinetuneCommand
{
    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "the YAML file that describes the run; see recipes/finetune-*.yaml" };
        var data = CommonOptions.Data();
        data.Description = "labelled videos: a folder with a sub-folder for each class, a list of path and label, or a CSV with a header";
        var validation = new Option<string>("--val") { HelpName = "PATH", Description = "videos to validate and test on, labelled alike", Required = true };
        var init = new Option<string?>("--init") { HelpName = "CHECKPOINT", Description = "the pre-trained weights: a run's folder, one of its checkpoints, or a published file" };
        var output = CommonOptions.Out("the run's folder: checkpoints, best weights, metrics, log");
        var set = CommonOptions.Set();
        var (resume, maxSteps, seed) = (CommonOptions.Resume(), CommonOptions.MaxSteps(), CommonOptions.RecipeSeed());
        var device = CommonOptions.DeviceName();
        var command = new Command("finetune", "Trains a classifier from a pre-trained encoder and labelled videos, and tests it.")
        {
            recipe, data, validation, init, output, set, resume, maxSteps, device, seed,
        };
        command.SetAction(arguments => CommonOptions.OnRanks(arguments.GetValue(device)!, (ranks, place) =>
        {
            using var signals = new StopSignals();
            using var tuner = new FineTuner(new FineTuneOptions
            {
                Recipe = FineTuneRecipe.Load(ShippedRecipes.Find(arguments.GetValue(recipe)!), CommonOptions.Overrides(arguments.GetValue(set)!, arguments.GetValue(seed))),
                Data = arguments.GetValue(data)!,
                Validation = arguments.GetValue(validation)!,
                Init = arguments.GetValue(init),
                Out = arguments.GetValue(output)!,
                Resume = arguments.GetValue(resume),
                MaxSteps = CommonOptions.AtLeast(1, maxSteps, arguments),
                Device = place,
                Ranks = ranks,
                Progress = Console.Error,
                Terminal = !Console.IsErrorRedirected,
            });
            var summary = tuner.Train(signals.Token);
            if (ranks.IsFirst)
                Show(summary, new RunFolder(arguments.GetValue(output)!, writes: false).Report);
            return summary.Interrupted ? ExitCodes.Interrupted : 0;
        }));
        return command;
    }

    private static void Show(FineTuneSummary summary, string report)
    {
        Console.WriteLine(FormattableString.Invariant(
            $"{(summary.Interrupted ? "interrupted after" : "done:")} {summary.Steps} steps{(summary.ClipsPerSecond is { } speed ? FormattableString.Invariant($", {speed:0.0} clips/s") : "")}"));
        if (summary.Checkpoint is not null)
            Console.WriteLine($"checkpoint: {summary.Checkpoint}");
        if (File.Exists(report))
            Console.WriteLine($"report:     {report}");
        Console.WriteLine(summary.Best is { } best
            ? FormattableString.Invariant($"best validation: top-1 {100 * best.Top1:0.0} % after epoch {best.Epoch} (step {best.Step}), {best.Videos} videos, one view each{(best.Top1Interval is [var low, var high] ? FormattableString.Invariant($", 95 % interval {100 * low:0.0} to {100 * high:0.0}") : "")}")
            : "not validated yet: that comes after every epoch");
        Console.WriteLine(summary.Unreadable.Count == 0 ? "every training video could be read" : $"{summary.Unreadable.Count} training {(summary.Unreadable.Count == 1 ? "video" : "videos")} could not be read (unreadable.txt):");
        foreach (var video in summary.Unreadable)
            Console.WriteLine($"  {video}");
        if (summary.Test is { } test)
        {
            Console.WriteLine();
            ResultTable.Show(test);
        }
        else if (!summary.Interrupted)
        {
            Console.WriteLine("the schedule is not over: go on with --resume for the multi-view test, or make it now with sigma evaluate views");
        }
    }
}
