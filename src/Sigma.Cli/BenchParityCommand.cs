using System.CommandLine;
using Sigma.Benchmarks;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary><c>sigma bench parity</c>: whether our step computes on a device what the published composition does.</summary>
internal static class BenchParityCommand
{
    public static Command Create()
    {
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("parity", "Whether our step computes on a device what the published composition does.") { device, json };
        command.SetAction(arguments =>
        {
            var place = CommonOptions.Device(arguments.GetValue(device)!);
            StepParity.Difference[] differences =
                [.. new[] { TargetKind.Mlp, TargetKind.Pixel, TargetKind.Features }.Select(target => StepParity.Of(target, place))];
            foreach (var difference in differences)
            {
                Console.WriteLine(FormattableString.Invariant(
                    $"{(difference.Holds ? "same" : "DIFFERENT")} {difference.Target} on {place}: loss {difference.Loss:0.0e+0}, gradients {difference.Gradients:0.0e+0} ({difference.Worst}), allowed {StepParity.Tolerance:0e+0}"));
            }
            var recorded = RecordedParity.Of(place);
            Console.WriteLine(FormattableString.Invariant(
                $"{(recorded.Holds ? "same" : "DIFFERENT")} whole updates on {place} ({(recorded.NotRecorded is { } why ? $"not recorded: {why}" : "recorded as a CUDA graph")}): losses {recorded.Losses:0.0e+0}, gradient norms {recorded.Norms:0.0e+0}, weights {recorded.Weights:0.0e+0}, allowed {RecordedParity.Tolerance:0e+0}"));
            if (arguments.GetValue(json) is { } path)
            {
                var steps = differences.Select(d => new { Target = d.Target.ToString().ToLowerInvariant(), d.Loss, d.Gradients, d.Worst, d.Holds });
                JsonFile.Write(path, new { steps, recorded });
            }
            return differences.All(d => d.Holds) && recorded.Holds ? 0 : 1;
        });
        return command;
    }
}
