using System.Diagnostics;
using System.Runtime.CompilerServices;
using Sigma.Benchmarks;
using Sigma.Objectives;
using Sigma.Tests.Cli;
using Sigma.Tests.Training;
using Sigma.Torch;

namespace Sigma.Tests.Kernels;

[Trait("Category", "kernels")]
[Collection(nameof(Alone))]
public sealed class CudaKernelTests
{
    private static string Folder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "cuda"));

    [SkippableFact]
    public void Their_source_run_on_a_CPU_computes_what_it_should()
    {
        var script = Path.Combine(Folder(), "run");
        Skip.IfNot(File.Exists(script), "the sources are not where they were built");
        using var process = Process.Start(new ProcessStartInfo(script) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var outcome = Program.Finish(process);
        Assert.Equal((0, "the kernels compute what they should\n"), (outcome.Code, outcome.Output));
    }

    [SkippableFact]
    public void On_a_GPU_they_give_what_the_kernels_of_the_CPU_give()
    {
        Skip.If(Engine.CudaDevices == 0, "no NVIDIA GPU here");
        Skip.If(Engine.CudaKernelColumns == 0, "the engine was built without nvcc");
        using var scope = new TensorScope();
        foreach (var prototypes in new[] { 7, 1000, 3000, 8192 })
        {
            var scores = MadeUp.Numbers(prototypes, 3000, prototypes);
            var there = F.To(scores, Device.Cuda());
            var wanted = Sinkhorn.LogPrototypeScales(scores, 0.05, 10);
            Close.Assert(wanted, F.To(Sinkhorn.LogPrototypeScales(there, 0.05, 10), Device.Cpu), 1e-5);
            var labels = F.BalanceLabels(scores, wanted, 0.05);
            Assert.Equal(labels.ToArray<long>(), F.To(F.BalanceLabels(there, F.To(wanted, Device.Cuda()), 0.05), Device.Cpu).ToArray<long>());

            var (x, y) = (MadeUp.Numbers(1, 3000, 16), MadeUp.Numbers(2, prototypes, 16));
            var loss = F.ProductCrossEntropy(F.To(x, Device.Cuda()), F.To(y, Device.Cuda()), there, F.To(labels, Device.Cuda()), 0.1).Item();
            Assert.Equal(1, loss / F.ProductCrossEntropy(x, y, scores, labels, 0.1).Item(), 1e-5);
            Close.Assert(scores, F.To(there, Device.Cpu), 1e-5); // soft-max − one-hot by now
        }
    }

    [SkippableFact]
    public void A_sum_and_its_norm_in_one_pass_are_those_in_two()
    {
        Skip.If(Engine.CudaDevices == 0, "no NVIDIA GPU here");
        Skip.If(Engine.CudaKernelColumns == 0, "the engine was built without nvcc");
        using var scope = new TensorScope();
        var (weight, bias) = (MadeUp.Numbers(1, 768), MadeUp.Numbers(2, 768));
        var (tokens, branch) = (MadeUp.Numbers(3, 2, 197, 768), F.To(MadeUp.Numbers(4, 2, 197, 768), ScalarType.BFloat16));
        var (wantedSum, wanted) = F.AddNorm(tokens, branch, weight, bias, 1e-6);
        Tensor There(Tensor x) => F.To(x, Device.Cuda());
        var (sum, normed) = F.AddNorm(There(tokens), There(branch), There(weight), There(bias), 1e-6);
        Assert.Equal(ScalarType.BFloat16, normed.Type);
        Close.Assert(wantedSum, F.To(sum, Device.Cpu), 1e-6);
        Close.Assert(wanted, F.To(F.To(normed, ScalarType.Float32), Device.Cpu), 1e-2); // 8 bits
    }

    [Fact]
    public void Elsewhere_a_sum_and_its_norm_are_composed()
    {
        using var scope = new TensorScope();
        var (weight, bias) = (MadeUp.Numbers(1, 24), MadeUp.Numbers(2, 24));
        var (tokens, branch) = (MadeUp.Numbers(3, 2, 5, 24), MadeUp.Numbers(4, 2, 5, 24));
        var (sum, normed) = F.AddNorm(tokens, branch, weight, bias, 1e-6);
        Close.Assert(tokens + branch, sum, 0);
        Close.Assert(F.LayerNorm(tokens + branch, weight, bias, 1e-6), normed, 0);
    }
}
