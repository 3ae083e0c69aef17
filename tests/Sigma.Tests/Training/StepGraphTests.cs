using Sigma.Benchmarks;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Training;

/// <summary>Whole updates as one CUDA graph: where they are recorded, and that they then train alike.</summary>
[Trait("Category", "training")]
public sealed class StepGraphTests
{
    private static readonly Recipe Plain = new() { Precision = Precision.Bf16 };

    [SkippableFact]
    public void Recorded_updates_train_as_operator_after_operator_does()
    {
        Skip.If(Engine.CudaDevices == 0, "no NVIDIA GPU here");
        Skip.IfNot(CudaGraph.Available, "the engine was built without CUDA's headers");
        var difference = RecordedParity.Of(Device.Cuda());
        Assert.Null(difference.NotRecorded);
        Assert.True(difference.Holds, difference.ToString());
    }

    [SkippableFact]
    public void A_recording_that_fails_leaves_the_device_as_it_was()
    {
        Skip.If(Engine.CudaDevices == 0, "no NVIDIA GPU here");
        Skip.IfNot(CudaGraph.Available, "the engine was built without CUDA's headers");
        using var scope = new TensorScope();
        var x = F.Ones([4], device: Device.Cuda());
        // The host would have to wait for a value that is not computed yet.
        Assert.Throws<TorchException>(() => CudaGraph.Record(Device.Cuda(), () => F.Sum(x).Item()).Dispose());
        Assert.Equal(4, F.Sum(x).Item());
    }

    [SkippableFact]
    public void What_is_recorded_is_computed_anew_by_each_launch_from_what_lies_in_its_place()
    {
        Skip.If(Engine.CudaDevices == 0, "no NVIDIA GPU here");
        Skip.IfNot(CudaGraph.Available, "the engine was built without CUDA's headers");
        using var scope = new TensorScope();
        var x = F.Ones([4], device: Device.Cuda());
        var sum = F.Sum(x * 2.0);
        using var graph = CudaGraph.Record(Device.Cuda(), () => sum = F.Sum(x * 2.0));
        foreach (var value in (double[])[1, 3, 5])
        {
            F.Fill_(x, value);
            graph.Launch();
            Assert.Equal(8 * value, sum.Item());
        }
    }

    [Fact]
    public void Where_nothing_is_recorded_whole_updates_are_their_two_halves_bit_for_bit()
    {
        var difference = RecordedParity.Of(Device.Cpu);
        Assert.Equal((0, 0, 0), (difference.Losses, difference.Norms, difference.Weights));
        Assert.Equal("the CPU computes the steps", difference.NotRecorded);
    }

    [Fact]
    public void An_engine_without_CUDA_refuses_to_record()
    {
        if (CudaGraph.Available)
            return;
        var failure = Assert.Throws<TorchException>(() => CudaGraph.Record(Device.Cuda(), () => { }));
        Assert.Contains("without CUDA's headers", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_step_that_the_host_takes_part_in_is_left_as_it_is_with_the_reason()
    {
        static string? Reason(Recipe recipe, int ranks = 1, bool available = true, bool fused = true, string? setting = null) =>
            StepGraph.WhyNot(recipe, Device.Cuda(), ranks, available, fused, setting);

        Assert.Null(Reason(Plain));
        Assert.Null(Reason(Plain, setting: "1"));
        Assert.Contains("SIGMA_CUDA_GRAPHS is 0", Reason(Plain, setting: "0"), StringComparison.Ordinal);
        Assert.Contains("headers", Reason(Plain, available: false), StringComparison.Ordinal);
        Assert.Contains("optimiser", Reason(Plain, fused: false), StringComparison.Ordinal);
        Assert.Contains("ranks", Reason(Plain, ranks: 2), StringComparison.Ordinal);
        Assert.Contains("fp16", Reason(Plain with { Precision = Precision.Fp16 }), StringComparison.Ordinal);
        Assert.Contains("optimizer.accumulate", Reason(Plain with { Optimizer = Plain.Optimizer with { Accumulate = 2 } }), StringComparison.Ordinal);
        Assert.Contains("nvdec", Reason(Plain with { Data = new() { Decoder = VideoDecoder.Nvdec } }), StringComparison.Ordinal);
        Assert.Contains("model.checkpointActivations", Reason(Plain with { Model = Plain.Model with { CheckpointActivations = true } }), StringComparison.Ordinal);
        Assert.Contains("CPU", StepGraph.WhyNot(Plain, Device.Cpu, 1, true, true, null), StringComparison.Ordinal);
    }
}
