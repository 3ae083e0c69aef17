using System.CommandLine;
using Sigma.Benchmarks;

namespace Sigma.Cli;

/// <summary><c>sigma bench scaling</c>: how cost grows with tokens, batch, prototypes and videos.</summary>
internal static class BenchScalingCommand
{
    public static Command Create()
    {
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("scaling", "How cost grows with tokens, batch, prototypes and videos.") { device, json };
        command.SetAction(arguments =>
        {
            var place = CommonOptions.Device(arguments.GetValue(device)!);
            var result = new
            {
                tokens = Show("attention: tokens", "pair of tokens", ScalingBenchmark.Attention(place, [392, 784, 1568, 3136])),
                batch = Show("step: clips of a batch", "clip", ScalingBenchmark.Batch(place, [1, 2, 4, 8])),
                prototypes = Show("scores, Sinkhorn, loss: prototypes", "prototype", ScalingBenchmark.Prototypes(place, [750, 1500, 3000, 6000])),
                videos = Show("list of videos and order of an epoch: videos", "video", ScalingBenchmark.Videos([1_000, 10_000, 100_000])),
            };
            if (arguments.GetValue(json) is { } path)
                JsonFile.Write(path, result);
            return 0;
        });
        return command;
    }

    private static IReadOnlyList<ScalingBenchmark.Point> Show(string what, string unit, IReadOnlyList<ScalingBenchmark.Point> points)
    {
        Console.WriteLine(what);
        foreach (var point in points)
        {
            var memory = point.BytesPerUnit is { } bytes ? FormattableString.Invariant($", {bytes:0} bytes") : "";
            Console.WriteLine(FormattableString.Invariant($"  {point.Size,7}  {point.Seconds * 1e3,10:0.0} ms  {point.SecondsPerUnit * 1e6,10:0.0000} µs for a {unit}{memory}"));
        }
        return points;
    }
}
