using System.CommandLine;
using Sigma.Benchmarks;

namespace Sigma.Cli;

/// <summary><c>sigma bench calls</c>: the cost of one operator call from C#.</summary>
internal static class BenchCallsCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("calls", "The cost of one operator call from C#.") { json };
        command.SetAction(arguments =>
        {
            var microseconds = CallBenchmark.Measure() * 1e6;
            Console.WriteLine(FormattableString.Invariant($"one call of aten::add: {microseconds:0.00} µs"));
            if (arguments.GetValue(json) is { } path)
                JsonFile.Write(path, new { microsecondsPerCall = microseconds });
            return 0;
        });
        return command;
    }
}
