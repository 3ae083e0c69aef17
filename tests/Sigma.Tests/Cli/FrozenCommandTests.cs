using System.Diagnostics;
using System.Text.Json.Nodes;
using Sigma.Tests.Evaluation.Frozen;

namespace Sigma.Tests.Cli;

[Trait("Category", "evaluation")]
public sealed class FrozenCommandTests : IDisposable
{
    private readonly FrozenRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void The_commands_print_figures_and_write_a_record_that_can_be_compared()
    {
        foreach (var (name, own) in new (string, string[])[]
        {
            ("linear", ["--rates", "0.1,0.5", "--decays", "0.05", "--batch", "4", "--epochs", "3"]), ("knn", ["--k", "3"]), ("attentive", ["--epochs", "2", "--batch", "4"]),
        })
        {
            var outcome = Program.Run([.. Command(name), .. own, "--json", run.In(name + ".json"), "--segments", "2", "--crops", "2", "--seed", "3"]);
            Assert.True(outcome.Code == 0, outcome.Errors);
            Assert.Contains("6 videos of", outcome.Output, StringComparison.Ordinal);
            Assert.Contains("95 % interval", outcome.Output, StringComparison.Ordinal);
            var record = JsonNode.Parse(File.ReadAllText(run.In(name + ".json")))!;
            Assert.Equal((name, run.Validation, 2, 3), (record["command"]!.GetValue<string>(), record["dataset"]!.GetValue<string>(), record["views"]!["crops"]!.GetValue<int>(), record["seed"]!.GetValue<int>()));
            Assert.Equal(64, record["checkpointHash"]!.GetValue<string>().Length);
            Assert.InRange(record["figures"]!["top1"]!.GetValue<double>(), record["intervals"]!["top1"]![0]!.GetValue<double>(), record["intervals"]!["top1"]![1]!.GetValue<double>());
        }
        Assert.Equal(0, Program.Run("evaluate", "compare", run.In("linear.json"), run.In("knn.json")).Code);
    }

    [Theory]
    [InlineData("--rates has x", "linear", "--rates", "1e-3,x")]
    [InlineData("--decays has -1", "linear", "--decays", "-1")]
    [InlineData("--k is 0", "knn", "--k", "0")]
    [InlineData("--json /nowhere/x.json cannot be written: there is no folder /nowhere", "knn", "--json", "/nowhere/x.json")]
    [InlineData("--frames and --size must be multiples", "attentive", "--frames", "3")]
    public void Wrong_use_is_refused_with_what_would_be_right(string told, string command, params string[] own)
    {
        var outcome = Program.Run([.. Command(command), .. own]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Sigma", outcome.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_full_disk_is_told_with_what_to_do()
    {
        Skip.IfNot(Environment.UserName == "root", "needs the right to mount a small file system");
        Directory.CreateDirectory(run.Cache);
        using var mounted = Process.Start("mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", run.Cache]);
        mounted.WaitForExit();
        Skip.IfNot(mounted.ExitCode == 0, "a small file system could not be mounted");
        try
        {
            var outcome = Program.Run(Command("knn"));
            Assert.Equal(1, outcome.Code);
            Assert.Contains("the features cannot be kept in", outcome.Errors, StringComparison.Ordinal);
            Assert.Contains("--cache", outcome.Errors, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(run.Cache, "*.partial", SearchOption.AllDirectories));
        }
        finally
        {
            using var gone = Process.Start("umount", ["-l", run.Cache]);
            gone.WaitForExit();
        }
    }

    [Fact]
    public void Split_parts_every_class_and_writes_lists_that_are_read_again()
    {
        var outcome = Program.Run("data", "split", run.Train, "--out", run.In("lists"), "--share", "0.2");
        Assert.True(outcome.Code == 0, outcome.Errors);
        Assert.Equal(8, File.ReadAllLines(run.In("lists/train.txt")).Length);
        var validation = Sigma.Data.Manifest.Load(run.In("lists/val.txt"), labels: true);
        Assert.Equal(["bright", "dark"], validation.Classes);
        Assert.Equal(2, validation.Count);
        Assert.True(File.Exists(validation[0].Path));
    }

    private string[] Command(string name) => ["evaluate", name, run.Run, "--data", run.Train, "--val", run.Validation, "--cache", run.Cache];
}
