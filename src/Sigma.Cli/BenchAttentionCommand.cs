using System.CommandLine;
using Sigma.Benchmarks;

namespace Sigma.Cli;

/// <summary><c>sigma bench attention</c>: attention, forward and backward, beside its plain composition.</summary>
internal static class BenchAttentionCommand
{
    public static Command Create()
    {
        var batch = new Option<int>("--batch") { Description = "clips", DefaultValueFactory = _ => 4 };
        var tokens = new Option<int>("--tokens") { Description = "tokens of a clip", DefaultValueFactory = _ => 1568 };
        var heads = new Option<int>("--heads") { Description = "heads", DefaultValueFactory = _ => 3 };
        var width = new Option<int>("--width") { Description = "channels of a head", DefaultValueFactory = _ => 64 };
        var pairs = BenchOptions.Pairs(7);
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("attention", "Attention, forward and backward, beside its plain composition.") { batch, tokens, heads, width, pairs, device, json };
        command.SetAction(arguments =>
        {
            var result = AttentionBenchmark.Run(
                CommonOptions.Device(arguments.GetValue(device)!), CommonOptions.AtLeast(1, batch, arguments), CommonOptions.AtLeast(1, tokens, arguments),
                CommonOptions.AtLeast(1, heads, arguments), CommonOptions.AtLeast(1, width, arguments), CommonOptions.AtLeast(1, pairs, arguments));
            BenchOptions.Show(result, arguments.GetValue(json));
            return 0;
        });
        return command;
    }
}
