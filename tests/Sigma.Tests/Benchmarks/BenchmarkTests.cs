using System.Text.Json;
using Sigma.Benchmarks;
using Sigma.Recipes;
using Sigma.Tests.Cli;
using Sigma.Tests.Training;
using Sigma.Torch;

namespace Sigma.Tests.Benchmarks;

[Trait("Category", "bench")]
[Collection(nameof(Alone))]
public sealed class BenchmarkTests
{
    private static readonly string[] Keys =
        ["ratio", "clipsPerSecond", "gflopPerClip", "ceilingGflops", "utilisation", "peakMemoryRatio", "parts"];

    [Theory]
    [InlineData(TargetKind.Mlp)]
    [InlineData(TargetKind.Pixel)]
    [InlineData(TargetKind.Features)]
    public void Our_step_computes_what_the_published_composition_does(TargetKind target)
    {
        var difference = StepParity.Of(target, Device.Cpu);
        Assert.True(difference.Holds, difference.ToString());
    }

    [SkippableTheory]
    [InlineData(TargetKind.Mlp)]
    [InlineData(TargetKind.Pixel)]
    [InlineData(TargetKind.Features)]
    public void On_a_GPU_too(TargetKind target)
    {
        Skip.If(Engine.CudaDevices == 0, "no NVIDIA GPU here");
        var difference = StepParity.Of(target, Device.Cuda());
        Assert.True(difference.Holds, difference.ToString());
    }

    [Fact]
    public void The_step_is_measured_beside_the_published_composition_with_every_part_of_it()
    {
        using var file = new TemporaryFile();
        var outcome = Program.Run(
            "bench", "step", "--model", "vit-ti", "--batch", "1", "--steps", "1", "--device", "cpu", "--json", file.Path,
            "--set", "clip.size=32", "--set", "objective.prototypes=20", "--set", "objective.projection=[32, 16]");
        Assert.True(outcome.Code == 0, outcome.Errors);
        using var json = JsonDocument.Parse(File.ReadAllText(file.Path));
        Assert.Equal(Keys, json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["decodeWait", "upload", "targets", "teacher", "encoder", "decoder", "loss", "backward", "optimiser"],
            json.RootElement.GetProperty("parts").EnumerateObject().Select(p => p.Name));
        Assert.Equal(1, json.RootElement.GetProperty("parts").EnumerateObject().Sum(p => p.Value.GetDouble()), 1e-6);
        Assert.True(json.RootElement.GetProperty("ratio").GetDouble() > 0);
    }

    [Theory]
    [InlineData("attention", "--batch", "1", "--tokens", "40", "--heads", "1", "--width", "16")]
    [InlineData("sinkhorn", "--samples", "60", "--prototypes", "10", "--iterations", "2")]
    [InlineData("step", "--variant", "published", "--model", "vit-ti", "--batch", "1", "--steps", "1", "--set", "clip.size=32", "--set", "objective.prototypes=20")]
    public void Every_benchmark_writes_the_same_keys(params string[] arguments)
    {
        using var file = new TemporaryFile();
        string[] pairs = arguments[0] == "step" ? [] : ["--pairs", "1"];
        var outcome = Program.Run(["bench", .. arguments, .. pairs, "--device", "cpu", "--json", file.Path]);
        Assert.True(outcome.Code == 0, outcome.Errors);
        using var json = JsonDocument.Parse(File.ReadAllText(file.Path));
        Assert.Equal(Keys, json.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void A_size_that_makes_no_sense_is_refused()
    {
        var outcome = Program.Run("bench", "attention", "--tokens", "0");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("--tokens is 0, but must be at least 1", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_thousand_videos_take_less_than_200_bytes_each()
    {
        var point = ScalingBenchmark.Videos([100_000]).Single();
        Assert.InRange(point.BytesPerUnit!.Value, 1, 200);
    }

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
