using System.CommandLine;
using Sigma.Benchmarks;

namespace Sigma.Cli;

/// <summary>What several benchmarks take, and how their results are shown.</summary>
internal static class BenchOptions
{
    public static Option<int> Pairs(int standard) => new("--pairs")
    {
        Description = "how often each way is timed, alternating; medians count",
        DefaultValueFactory = _ => standard,
    };

    /// <summary>Prints a result, a figure a line, and writes it where a file was named.</summary>
    public static void Show(BenchResult result, string? json)
    {
        void Line(string name, double? value, string unit)
        {
            if (value is { } number)
                Console.WriteLine(FormattableString.Invariant($"{name,-28} {number:0.###}{unit}"));
        }
        Line("ours over plain", result.Ratio, "×");
        Line("clips a second", result.ClipsPerSecond, "");
        Line("arithmetic of a clip", result.GflopPerClip, " GFLOP");
        Line("matrix products reach", result.CeilingGflops, " GFLOP/s");
        Line("utilisation", result.Utilisation, "");
        Line("peak memory, ours / plain", result.PeakMemoryRatio, "");
        foreach (var (name, share) in result.Parts)
            Line($"  {name}", share * 100, " %");
        if (json is not null)
            JsonFile.Write(json, result);
    }
}
