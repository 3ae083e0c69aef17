using System.CommandLine;
using Sigma.Benchmarks;

namespace Sigma.Cli;

/// <summary><c>sigma bench loader</c>: reading clips against the plain way of general video libraries.</summary>
internal static class BenchLoaderCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { HelpName = "PATH", Description = "videos of your own: a folder, a list or a CSV; without it one is rendered (340×256, 300 frames, a key frame every 250)" };
        var clips = new Option<int>("--clips") { HelpName = "N", Description = "clips that are read each way, alternating; medians count", DefaultValueFactory = _ => 31 };
        var json = CommonOptions.Json();
        var command = new Command("loader", "Reads clips of 16 frames at stride 4, beside the plain way: opening, seeking, decoding every frame, converting the wanted ones.") { data, clips, json };
        command.SetAction(arguments =>
        {
            var count = CommonOptions.AtLeast(1, clips, arguments);
            using var signals = new StopSignals();
            Show(LoaderBenchmark.Measure(arguments.GetValue(data), count, signals.Token), arguments.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Show(LoaderBenchmark found, string? json)
    {
        foreach (var video in found.LeftOut)
            Console.Error.WriteLine($"left out {video.Path}: {video.Reason}");
        void Line(string name, FormattableString value) => Console.WriteLine($"{name,-28} {FormattableString.Invariant(value)}");
        Line("clips", $"{found.Clips} of {found.Videos} {(found.Videos == 1 ? "video" : "videos")}, 16 frames at stride 4, 224×224");
        Line("plain way, one core", $"{found.PlainWayClipsPerSecond:0.0} clips/s");
        Line("ours, one core", $"{found.ClipsPerSecondPerCore:0.0} clips/s");
        Line("ours over plain", $"{found.Ratio:0.00}×");
        if (found.PackedRatio is { } packed)
        {
            Line("packed, one core", $"{found.PackedClipsPerSecondPerCore:0.0} clips/s");
            Line("packed over ours plain", $"{packed:0.00}×");
        }
        if (found.NvdecRatio is { } nvdec)
            Line("NVDEC over ours plain", $"{nvdec:0.00}×");
        Line("ours, all cores", $"{found.ClipsPerSecond:0.0} clips/s on {Environment.ProcessorCount}");
        if (json is not null)
            JsonFile.Write(json, found);
    }
}
