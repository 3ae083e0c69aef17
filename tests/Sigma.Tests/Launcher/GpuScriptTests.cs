namespace Sigma.Tests.Launcher;

/// <summary>What <c>bench/gpu</c> refuses, each before any work: it never comes to building.</summary>
[Trait("Category", "launcher")]
public sealed class GpuScriptTests : IDisposable
{
    private readonly LauncherFolder _folder = new();

    public GpuScriptTests()
    {
        _folder.Fake("cmake", "exit 1");
        foreach (var file in new[] { "program/libcoreclr.so", "code/engine_for_pretraining.py", "torch/include/ATen/ATen.h", "torch/lib/libtorch_cpu.so" })
            _folder.WriteSource(file, "");
        _folder.WriteProgram("program/Sigma.Cli", "exit 1");
    }

    public void Dispose()
    {
        Assert.Empty(_folder.Calls("cmake"));
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_without_the_program_is_refused_by_name()
    {
        Assert.Contains("code holds no Sigma.Cli: publish it", Refused("code", "--device", "cpu"), StringComparison.Ordinal);
        Assert.Contains("no/such/folder holds no Sigma.Cli", Refused("no/such/folder", "--device", "cpu"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_wants_a_runtime_beside_it_is_refused()
    {
        File.Delete(Path.Combine(_folder.Root, "program/libcoreclr.so"));
        Assert.Contains("is not self-contained", Refused("program", "--device", "cpu"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_option_is_refused_with_those_that_there_are()
    {
        var error = Refused("program", "--devise", "cpu");
        Assert.Contains("unknown option --devise", error, StringComparison.Ordinal);
        Assert.Contains("--published-code, --model, --target, --batch, --steps and --device", error, StringComparison.Ordinal);
        Assert.Contains("unknown option --help", Refused("program", "--help"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--batch wants a value", "--batch")]
    [InlineData("whole numbers from 1 up, not 0 and 10", "--batch", "0")]
    [InlineData("whole numbers from 1 up, not 64 and few", "--steps", "few")]
    [InlineData("--device tpu: it is cuda or cpu", "--device", "tpu")]
    [InlineData("--model tiny", "--model", "tiny")]
    [InlineData("--target pixels", "--target", "pixels")]
    public void A_value_that_cannot_be_is_refused(string because, params string[] options) =>
        Assert.Contains(because, Refused("program", options), StringComparison.Ordinal);

    [Fact]
    public void Without_a_GPU_the_usual_device_is_refused()
    {
        _folder.Fake("nvidia-smi", "exit 9");
        Assert.Contains("no working nvidia-smi here", Refused("program"), StringComparison.Ordinal);
        _folder.Hide("nvidia-smi");
        Assert.Contains("--device cpu goes without", Refused("program"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_libtorch_without_headers_is_refused_with_what_to_set()
    {
        var error = Refused("program", ["--device", "cpu"], Path.Combine(_folder.Root, "code"));
        Assert.Contains("code, which SIGMA_LIBTORCH names, lacks include/ATen/ATen.h", error, StringComparison.Ordinal);

        _folder.Fake("python3", $"echo '{_folder.Root}/code'");
        error = Refused("program", ["--device", "cpu"], null);
        Assert.Contains("code, which python3 imports, lacks include/ATen/ATen.h", error, StringComparison.Ordinal);
        Assert.Contains("set SIGMA_LIBTORCH to a folder", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Published_code_wants_its_files_and_a_python_with_PyTorch()
    {
        string Code(string folder) => Path.Combine(_folder.Root, folder);
        Assert.Contains(
            "holds no engine_for_pretraining.py", Refused("program", "--device", "cpu", "--published-code", Code("torch")), StringComparison.Ordinal);
        Assert.Contains(
            "--target mlp or dino-v1", Refused("program", "--device", "cpu", "--target", "pixel", "--published-code", Code("code")), StringComparison.Ordinal);
        Assert.Contains(
            "needs a python3 that imports PyTorch", Refused("program", "--device", "cpu", "--published-code", Code("code")), StringComparison.Ordinal);
    }

    private string Refused(string program, params string[] options) => Refused(program, options, Path.Combine(_folder.Root, "torch"));

    private string Refused(string program, string[] options, string? libtorch)
    {
        var results = Path.Combine(_folder.Root, "results");
        var (exit, output, error) = _folder.Run("bench/gpu", [Path.Combine(_folder.Root, program), results, .. options], libtorch: libtorch);
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith("bench/gpu: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(results));
        return error;
    }
}
