using System.Diagnostics;
using System.Runtime.CompilerServices;
using Sigma.Tests.Cli;

namespace Sigma.Tests;

[Trait("Category", "cli")]
public sealed class LibraryExampleTests
{
    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [SkippableFact]
    public void The_example_in_the_docs_is_the_one_that_is_built()
    {
        var page = Path.Combine(Root(), "docs", "library.md");
        Skip.IfNot(File.Exists(page), "the sources are not where they were built");
        Assert.Contains($"```csharp\n{File.ReadAllText(Path.Combine(Root(), "examples", "Features", "Program.cs"))}```\n", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_prints_features_of_every_video()
    {
        using var files = new TinyRun(videos: 4);
        Assert.Equal(0, Program.Run("pretrain", files.Recipe, "--data", files.Data, "--out", files.In("run"), "--device", "cpu", "--max-steps", "1").Code);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Features.dll"), files.In("run"), files.Data])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var outcome = Program.Finish(process);
        Assert.Equal((0, ""), (outcome.Code, outcome.Errors));
        Assert.Equal(4, outcome.Output.Split('\n').Count(line => line.Contains("32 numbers", StringComparison.Ordinal)));
    }
}
