using System.CommandLine;
using System.Globalization;
using Sigma.Evaluation;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary><c>sigma demo</c>: from nothing to a result.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--out")
        {
            Description = "receives the rendered set, the run, report.html and results.json",
            DefaultValueFactory = _ => Path.Combine("runs", "demo"),
        };
        var seed = new Option<long>("--seed") { Description = "of the run" };
        var set = CommonOptions.Set();
        var device = CommonOptions.DeviceName();
        var command = new Command("demo", "Renders clips, trains on them without labels for some minutes, and shows what was learned.") { output, seed, set, device };
        command.SetAction(arguments =>
        {
            var folder = arguments.GetValue(output)!;
            var overrides = CommonOptions.Overrides(arguments.GetValue(set)!, arguments.GetValue(seed));
            using var signals = new StopSignals();
            var demo = new Demo(folder, Recipe.Load(ShippedRecipes.Find("demo"), overrides), Console.Error, !Console.IsErrorRedirected);
            Show(demo.Run(CommonOptions.Device(arguments.GetValue(device)!), signals.Token), folder);
            return 0;
        });
        return command;
    }

    private static void Show(DemoResult result, string folder)
    {
        Console.WriteLine($"\nFrozen features on {result.Clips} validation clips, share classified rightly\n");
        Console.WriteLine($"{"features",-12}{"linear probe",14}{"weighted kNN",14}");
        foreach (var score in result.Scores)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{score.Name,-12}{100 * score.Linear,12:0.0} %{100 * score.Knn,12:0.0} %"));
        Console.WriteLine("\n95 % intervals, by the bootstrap over the clips\n");
        foreach (var score in result.Scores)
            Console.WriteLine($"{score.Name,-12}{Text(score.LinearInterval),14}{Text(score.KnnInterval),14}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{result.Steps} updates, {result.Seconds:0} s in all"));
        Console.WriteLine($"report:  {result.Report}\nfigures: {Path.Combine(folder, "results.json")}");
    }

    private static string Text(Interval interval) => string.Create(CultureInfo.InvariantCulture, $"{100 * interval.Low:0.0} to {100 * interval.High:0.0}");
}
