using System.CommandLine;
using Sigma.Benchmarks;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary><c>sigma bench step</c>: a whole step of pre-training, beside the published composition.</summary>
internal static class BenchStepCommand
{
    private const string Ours = "ours", OursAlone = "ours-alone", Published = "published";

    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "vit-ti, vit-s, vit-b, vit-l or vit-h", DefaultValueFactory = _ => "vit-s" };
        var target = new Option<string>("--target") { Description = "mlp, pixel, features, dino-v1 or dino-v2", DefaultValueFactory = _ => "mlp" };
        var batch = new Option<int>("--batch") { Description = "clips of a step", DefaultValueFactory = _ => 4 };
        var steps = new Option<int>("--steps") { Description = "how often each is timed, alternating; medians count", DefaultValueFactory = _ => 3 };
        var variant = new Option<string>("--variant") { Description = "ours (beside published), ours-alone, or published alone", DefaultValueFactory = _ => Ours };
        var set = CommonOptions.Set();
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("step", "A whole step of pre-training on made-up clips, beside the published composition.") { model, target, batch, steps, variant, set, device, json };
        variant.TakesOneOf(Ours, OursAlone, Published);
        command.SetAction(arguments =>
        {
            var place = CommonOptions.Device(arguments.GetValue(device)!);
            var recipe = Recipe.Load(
                ShippedRecipes.Find("sigma-mlp-vitb-k400"),
                [$"model.size={arguments.GetValue(model)}", $"objective.target={arguments.GetValue(target)}",
                    $"precision={(place.IsCuda ? "bf16" : "float32")}", .. arguments.GetValue(set)!]);
            var count = CommonOptions.AtLeast(1, steps, arguments);
            using var benchmark = new StepBenchmark(recipe, CommonOptions.AtLeast(1, batch, arguments), place);
            var result = arguments.GetValue(variant) switch
            {
                OursAlone => benchmark.RunOurs(count),
                Published => benchmark.RunPublished(count),
                _ => benchmark.Run(count),
            };
            BenchOptions.Show(result, arguments.GetValue(json));
            return 0;
        });
        return command;
    }
}
