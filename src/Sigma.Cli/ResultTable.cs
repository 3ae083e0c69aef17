using System.Globalization;
using Sigma.Evaluation;

namespace Sigma.Cli;

/// <summary>How results of evaluations look on standard output.</summary>
internal static class ResultTable
{
    /// <summary>What was evaluated, and each figure with its interval, in per cent.</summary>
    public static void Show(EvaluationResult result)
    {
        Console.WriteLine(FormattableString.Invariant($"{result.Command} of {result.Checkpoint} (sha256 {result.CheckpointHash[..12]})"));
        Console.WriteLine(FormattableString.Invariant($"{result.Videos.Count} videos of {result.Dataset}, {result.Split}; {result.Views.Segments} × {result.Views.Crops} views, seed {result.Seed}\n"));
        foreach (var (name, value) in result.Figures)
            Console.WriteLine($"{Words(name),-16}{Percent(value),7} %   95 % interval {Percent(result.Intervals[name][0])} to {Percent(result.Intervals[name][1])}");
    }

    /// <summary>A share in per cent with one decimal.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A figure's name as one says it.</summary>
    public static string Words(string name) => name switch
    {
        "top1" => "top-1",
        "top5" => "top-5",
        "perClassMean" => "per-class mean",
        "map" => "mAP",
        "miou" => "mIoU",
        "countError" => "count error",
        "offByOne" => "off by one",
        _ => name,
    };
}
