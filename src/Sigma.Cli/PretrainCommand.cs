using System.CommandLine;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary><c>sigma pretrain RECIPE --data PATH --out DIR …</c></summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "the YAML file that describes the run; see recipes/" };
        var data = CommonOptions.Data();
        var output = CommonOptions.Out("the run's folder: checkpoints, metrics, log");
        // Needed but for a dry run, so asked for below.
        (data.Required, output.Required) = (false, false);
        var set = CommonOptions.Set();
        var init = new Option<string?>("--init") { Description = "weights to start from instead of drawn ones: a run's folder, one of its checkpoints, or a published file" };
        var (resume, maxSteps, seed) = (CommonOptions.Resume(), CommonOptions.MaxSteps(), CommonOptions.RecipeSeed());
        var device = CommonOptions.DeviceName();
        var dryRun = new Option<bool>("--dry-run") { Description = "print the resolved recipe and what the run will take here, and write nothing" };
        var command = new Command("pretrain", "Trains a video model without labels.") { recipe, data, output, init, set, resume, maxSteps, device, seed, dryRun };
        command.SetAction(arguments => arguments.GetValue(dryRun) ? Estimate(arguments) : CommonOptions.OnRanks(arguments.GetValue(device)!, (ranks, place) => Train(arguments, ranks, place)));
        return command;

        Recipe Settings(ParseResult arguments) =>
            Recipe.Load(ShippedRecipes.Find(arguments.GetValue(recipe)!), CommonOptions.Overrides(arguments.GetValue(set)!, arguments.GetValue(seed)));

        int Estimate(ParseResult arguments)
        {
            DryRun.Show(Settings(arguments), arguments.GetValue(data), CommonOptions.AtLeast(1, maxSteps, arguments), CommonOptions.Device(arguments.GetValue(device)!));
            return 0;
        }

        int Train(ParseResult arguments, Ranks ranks, Device place)
        {
            using var signals = new StopSignals();
            using var pretrainer = new Pretrainer(new PretrainOptions
            {
                Recipe = Settings(arguments),
                Data = arguments.GetValue(data) ?? throw new BadInputException("give --data: a folder, searched to any depth for videos, or a list"),
                Out = arguments.GetValue(output) ?? throw new BadInputException("give --out: the run's folder"),
                Init = arguments.GetValue(init),
                Resume = arguments.GetValue(resume),
                MaxSteps = CommonOptions.AtLeast(1, maxSteps, arguments),
                Device = place,
                Ranks = ranks,
                Progress = Console.Error,
                Terminal = !Console.IsErrorRedirected,
            });
            var summary = pretrainer.Train(signals.Token);
            if (ranks.IsFirst)
                Show(summary, new RunFolder(arguments.GetValue(output)!, writes: false).Report);
            return summary.Interrupted ? ExitCodes.Interrupted : 0;
        }
    }

    private static void Show(PretrainSummary summary, string report)
    {
        Console.WriteLine(FormattableString.Invariant(
            $"{(summary.Interrupted ? "interrupted after" : "done:")} {summary.Steps} steps{(summary.Loss is { } loss ? FormattableString.Invariant($", loss {loss:0.0000}") : "")}, {summary.ClipsPerSecond:0.0} clips/s, waiting for data {summary.DataWait:0 %}"));
        if (summary.Checkpoint is not null)
            Console.WriteLine($"checkpoint: {summary.Checkpoint}");
        if (File.Exists(report))
            Console.WriteLine($"report:     {report}");
        Console.WriteLine(summary.Unreadable.Count == 0 ? "every video could be read" : $"{summary.Unreadable.Count} {(summary.Unreadable.Count == 1 ? "video" : "videos")} could not be read (unreadable.txt):");
        foreach (var video in summary.Unreadable)
            Console.WriteLine($"  {video}");
    }
}
