using System.Diagnostics;
using System.Text.Json;
using Sigma.Evaluation;

namespace Sigma.Tests.Cli;

[Trait("Category", "cli")]
public sealed class FinetuneCommandTests
{
    [Fact]
    public void A_run_killed_at_any_moment_and_continued_ends_with_the_same_bytes_and_can_be_tested_on_several_views()
    {
        using var files = new TinyFineTune();
        var whole = Program.Run(Finetune(files, "whole"));
        Assert.True(whole.Code == 0, whole.Errors);
        Assert.Contains("best validation: top-1", whole.Output, StringComparison.Ordinal);
        Assert.Contains("2 × 2 views", whole.Output, StringComparison.Ordinal);
        using (var process = Program.Start(Finetune(files, "killed")))
        {
            WaitForStep(files, 7, process);
            process.Kill(); // SIGKILL
            process.WaitForExit();
        }
        Assert.Equal(0, Program.Run(Finetune(files, "killed", "--resume")).Code);
        foreach (var file in new[] { "checkpoints/step-000012/model.safetensors", "best/model.safetensors", "validation.jsonl" })
            Assert.Equal(File.ReadAllBytes(files.In($"whole/{file}")), File.ReadAllBytes(files.In($"killed/{file}")));
        TheViewsAreTested(files);
    }

    private static void TheViewsAreTested(TinyFineTune files)
    {
        var (json, csv) = (files.In("views.json"), files.In("views.csv"));
        var outcome = Program.Run(
            "evaluate", "views", files.In("whole"), "--data", files.Validation, "--segments", "3", "--crops", "2", "--json", json, "--csv", csv);
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Contains("top-1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("confusion", outcome.Output, StringComparison.Ordinal);

        var result = EvaluationResult.Read(json);
        Assert.Equal(("views", 3, 2, 12), (result.Command, result.Views.Segments, result.Views.Crops, result.Videos.Count));
        using var facts = JsonDocument.Parse(File.ReadAllText(json));
        foreach (var key in new[] { "dataset", "split", "views", "checkpoint", "checkpointHash", "seed", "figures", "intervals", "confusion", "classes" })
            Assert.True(facts.RootElement.TryGetProperty(key, out _), key);

        var rows = File.ReadAllLines(csv).Skip(1).Select(line => line.Split(',')).ToList();
        Assert.Equal(12, rows.Count);
        Assert.Equal(result.Figures["top1"], rows.Count(row => row[3] == "1") / 12.0, 1e-9);
        Assert.All(rows, row => Assert.Equal(row[1] == row[2], row[3] == "1"));

        var compared = Program.Run("evaluate", "compare", json, json);
        Assert.Equal(0, compared.Code);
    }

    [Fact]
    public void Bad_input_is_refused_with_what_is_wrong()
    {
        using var files = new TinyFineTune(videosOfAClass: 1);
        void Refused(string told, params string[] arguments)
        {
            var outcome = Program.Run(arguments);
            Assert.True(outcome.Code == 2, $"{outcome.Code}: {outcome.Errors}");
            Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at Sigma", outcome.Errors, StringComparison.Ordinal);
        }
        Refused("augmentation.mixup", Finetune(files, "run", "--set", "augmentation.mixupp=1"));
        Refused("--val", [.. Finetune(files, "run").Where(a => a != "--val" && a != files.Validation)]);
        Refused("is no classifier", "evaluate", "views", files.Init, "--data", files.Validation);
        Refused("--segments", "evaluate", "views", files.In("run"), "--data", files.Validation, "--segments", "0");
    }

    private static string[] Finetune(TinyFineTune files, string name, params string[] more) =>
    [
        "finetune", files.RecipeFile, "--data", files.Data, "--val", files.Validation, "--init", files.Init, "--out", files.In(name), "--device", "cpu", .. more,
    ];

    private static void WaitForStep(TinyFineTune files, int step, Process process)
    {
        var metrics = files.In("killed/metrics.jsonl");
        var watch = Stopwatch.StartNew();
        while (!File.Exists(metrics) || File.ReadAllLines(metrics).Length < step)
        {
            Assert.False(process.HasExited, "the run ended before it was stopped");
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "the run does not get on");
            Thread.Sleep(10);
        }
    }
}
