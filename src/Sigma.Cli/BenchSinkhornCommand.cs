using System.CommandLine;
using Sigma.Benchmarks;

namespace Sigma.Cli;

/// <summary><c>sigma bench sinkhorn</c>: labels by Sinkhorn, beside the published rewriting of Q.</summary>
internal static class BenchSinkhornCommand
{
    public static Command Create()
    {
        var samples = new Option<int>("--samples") { Description = "hidden tubes of a batch; a clip has 1408", DefaultValueFactory = _ => 5632 };
        var prototypes = new Option<int>("--prototypes") { Description = "prototypes", DefaultValueFactory = _ => 3000 };
        var iterations = new Option<int>("--iterations") { Description = "rounds", DefaultValueFactory = _ => 10 };
        var epsilon = new Option<double>("--epsilon") { Description = "regularisation", DefaultValueFactory = _ => 0.05 };
        var pairs = BenchOptions.Pairs(7);
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("sinkhorn", "Labels by Sinkhorn's iterations, beside the published rewriting of Q.") { samples, prototypes, iterations, epsilon, pairs, device, json };
        command.SetAction(arguments =>
        {
            if (arguments.GetValue(epsilon) is not > 0)
                throw new BadInputException("--epsilon must be above 0");
            var result = SinkhornBenchmark.Run(
                CommonOptions.Device(arguments.GetValue(device)!), CommonOptions.AtLeast(1, samples, arguments), CommonOptions.AtLeast(1, prototypes, arguments),
                CommonOptions.AtLeast(1, iterations, arguments), arguments.GetValue(epsilon), CommonOptions.AtLeast(1, pairs, arguments));
            BenchOptions.Show(result, arguments.GetValue(json));
            return 0;
        });
        return command;
    }
}
