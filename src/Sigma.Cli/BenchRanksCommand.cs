using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sigma.Benchmarks;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Cli;

/// <summary>
/// <c>sigma bench ranks</c>: a step on one and on two ranks of this machine. Under a launcher it measures the ranks it was
/// started as, so that <c>sigma launch --ranks 4 -- bench ranks</c> serves for any number.
/// </summary>
internal static class BenchRanksCommand
{
    private const int Pairs = 3;

    public static Command Create()
    {
        var json = CommonOptions.Json();
        var device = CommonOptions.DeviceName();
        var command = new Command("ranks", "A step on one and on two ranks: time, what is hidden behind backward, and bytes.") { json, device };
        command.SetAction(arguments =>
        {
            var (file, name) = (arguments.GetValue(json), arguments.GetValue(device)!);
            if (RankPlace.FromEnvironment() is not null)
                return MeasureHere(file, name);
            // Alternately, since the machine may have other work too.
            var runs = Enumerable.Range(0, Pairs).SelectMany(_ => new[] { Start(1, name), Start(2, name) }).ToList();
            Show([Median(runs.Where(r => r.Ranks == 1)), Median(runs.Where(r => r.Ranks == 2))], file);
            return 0;
        });
        return command;
    }

    private static int MeasureHere(string? file, string device) => CommonOptions.OnRanks(device, (ranks, place) =>
    {
        var timing = RankBenchmark.Measure(Recipe.Load(ShippedRecipes.Find("demo")), place, ranks);
        if (ranks.IsFirst)
            Show([timing], file);
        return 0;
    });

    /// <summary>This command again on so many ranks, which share the cores.</summary>
    private static RankTiming Start(int ranks, string device)
    {
        var file = Path.GetTempFileName();
        var plan = new LaunchPlan(ranks, 1, 0, "127.0.0.1", 0, 0, ["bench", "ranks", "--json", file, "--device", device]);
        var port = LaunchCommand.FreePort();
        var processes = Enumerable.Range(0, ranks).Select(local => Process.Start(plan.Start(local, 0, port))!).ToList();
        var ends = processes.Select(async process =>
        {
            var errors = process.StandardError.ReadToEndAsync();
            await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
            await process.WaitForExitAsync().ConfigureAwait(false);
            return (process.ExitCode, Errors: await errors.ConfigureAwait(false));
        }).ToArray();
        foreach (var (code, errors) in Task.WhenAll(ends).GetAwaiter().GetResult())
        {
            if (code != 0)
                throw new IOException($"a rank of the benchmark ended with exit code {code}: {errors}");
        }
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        File.Delete(file);
        return document.RootElement.GetProperty("ranks")[0].Deserialize<RankTiming>(JsonFile.Options)!;
    }

    private static RankTiming Median(IEnumerable<RankTiming> runs) =>
        runs.OrderBy(r => r.StepMilliseconds).ElementAt(Pairs / 2);

    private static void Show(IReadOnlyList<RankTiming> timings, string? file)
    {
        Console.WriteLine("ranks  clips  step ms  clips/s  gradients under way ms  hidden  MB sent a step  at least");
        foreach (var t in timings)
        {
            var hidden = t.HiddenShare is { } share ? share.ToString("0 %", CultureInfo.InvariantCulture) : "-";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{t.Ranks,5}  {t.Clips,5}  {t.StepMilliseconds,7:0.0}  {1000 * t.Clips / t.StepMilliseconds,7:0.0}  {t.ReduceMilliseconds,22:0.0}  {hidden,6}  {t.SentBytes / 1e6,14:0.00}  {t.LeastBytes / 1e6,8:0.00}"));
        }
        if (file is not null)
            JsonFile.Write(file, new { recipe = "demo", ranks = timings });
    }
}
