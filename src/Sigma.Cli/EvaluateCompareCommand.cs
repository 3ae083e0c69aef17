using System.CommandLine;
using Sigma.Evaluation;

namespace Sigma.Cli;

/// <summary><c>sigma evaluate compare A.json B.json</c>: the paired difference of two results, with its interval.</summary>
internal static class EvaluateCompareCommand
{
    public static Command Create()
    {
        var first = new Argument<string>("A.json") { Description = "a result that sigma evaluate … --json wrote" };
        var second = new Argument<string>("B.json") { Description = "another about the same videos" };
        var seed = new Option<long>("--seed") { HelpName = "N", Description = "of the resampling" };
        var json = CommonOptions.Json();
        var command = new Command("compare", "Tells two results on the same videos apart: the difference B − A with its 95 % interval.") { first, second, seed, json };
        command.SetAction(arguments =>
        {
            CommonOptions.RequireAlone("evaluate compare");
            var (pathA, pathB) = (arguments.GetValue(first)!, arguments.GetValue(second)!);
            var (a, b) = (EvaluationResult.Read(pathA), EvaluationResult.Read(pathB));
            var differences = PairedComparison.Of(a, b, arguments.GetValue(seed));
            Show(pathA, pathB, a.Videos.Count, differences);
            if (arguments.GetValue(json) is { } target)
                JsonFile.Write(target, Facts.Of(pathA, pathB, a, b, differences, arguments.GetValue(seed)));
            return 0;
        });
        return command;
    }

    private static void Show(string a, string b, int videos, IReadOnlyList<PairedDifference> differences)
    {
        Console.WriteLine(FormattableString.Invariant($"A {a}\nB {b}\n{videos} videos in pairs\n"));
        Console.WriteLine($"{"",-16}{"A",8}{"B",8}{"B − A",8}   95 % interval");
        foreach (var d in differences)
            Console.WriteLine($"{ResultTable.Words(d.Name),-16}{ResultTable.Percent(d.A),8}{ResultTable.Percent(d.B),8}{ResultTable.Percent(d.Difference),8}   {ResultTable.Percent(d.Interval.Low)} to {ResultTable.Percent(d.Interval.High)}{(d.IsClear ? "" : ": no clear difference")}");
    }

    /// <param name="A">The first file.</param>
    /// <param name="B">The second.</param>
    /// <param name="Dataset">Of both.</param>
    /// <param name="Split">Of both.</param>
    /// <param name="Videos">Pairs.</param>
    /// <param name="Seed">Of the resampling.</param>
    /// <param name="FiguresA">Figures of the first.</param>
    /// <param name="FiguresB">Figures of the second.</param>
    /// <param name="Differences">B − A of every figure.</param>
    /// <param name="Intervals">The 95 % interval [low, high] of every difference.</param>
    private sealed record Facts(
        string A, string B, string Dataset, string Split, int Videos, long Seed, Dictionary<string, double> FiguresA, Dictionary<string, double> FiguresB,
        Dictionary<string, double> Differences, Dictionary<string, double[]> Intervals)
    {
        public static Facts Of(string pathA, string pathB, EvaluationResult a, EvaluationResult b, IReadOnlyList<PairedDifference> differences, long seed) => new(
            pathA, pathB, b.Dataset, b.Split, a.Videos.Count, seed,
            differences.ToDictionary(d => d.Name, d => d.A), differences.ToDictionary(d => d.Name, d => d.B),
            differences.ToDictionary(d => d.Name, d => d.Difference), differences.ToDictionary(d => d.Name, d => (double[])[d.Interval.Low, d.Interval.High]));
    }
}
