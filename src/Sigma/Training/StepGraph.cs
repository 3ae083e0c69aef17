using Sigma.Objectives;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// Whole updates of a <see cref="PretrainStep"/> as one CUDA graph. A step's shapes never change, so after some ordinary
/// updates one is recorded, and from then on an update is: clips into their place, count and rate into theirs, one launch.
/// </summary>
internal sealed class StepGraph(PretrainStep step, Device device) : IDisposable
{
    /// <summary>Updates made operator by operator first: libraries are loaded and choose their algorithms in them.</summary>
    internal const int OrdinaryUpdates = 3;

    /// <summary>Set to 0, it keeps every step operator by operator.</summary>
    private const string Switch = "SIGMA_CUDA_GRAPHS";

    private Tensor?[] inputs = [];
    private CudaGraph? graph;
    private ObjectiveResult? result;
    private Tensor? norm;
    private int ordinary;

    /// <summary>Whether updates are launched from the recording by now.</summary>
    public bool Recorded => graph is not null;

    /// <summary>Why an update could not be recorded when it was tried; null otherwise.</summary>
    public string? Failure { get; private set; }

    /// <summary>Why this recipe's updates cannot be recorded here; null where they can.</summary>
    public static string? WhyNot(Recipe recipe, Device device, int ranks) => WhyNot(
        recipe, device, ranks, CudaGraph.Available, AdamW.CanBeRecorded, Environment.GetEnvironmentVariable(Switch));

    /// <inheritdoc cref="WhyNot(Recipe, Device, int)"/>
    internal static string? WhyNot(Recipe recipe, Device device, int ranks, bool available, bool fused, string? setting)
    {
        if (!device.IsCuda)
            return "the CPU computes the steps";
        if (!available)
            return "the engine was built without CUDA's headers";
        if (!fused)
            return $"libtorch {Engine.Version} has no optimiser that takes its rate from the GPU";
        if (setting == "0")
            return $"{Switch} is 0";
        if (ranks > 1)
            return "several ranks exchange sums in the middle of a step";
        if (recipe.Precision == Precision.Fp16)
            return "with precision fp16 the host looks at the gradients before the weights move";
        if (recipe.Optimizer.Accumulate > 1)
            return "optimizer.accumulate adds up the gradients of several micro-batches";
        if (recipe.Data.Decoder == VideoDecoder.Nvdec)
            return "with data.decoder nvdec other threads call the GPU's driver, which would spoil a recording";
        return recipe.Model.CheckpointActivations ? "model.checkpointActivations computes activations anew during backward" : null;
    }

    /// <summary>
    /// One update from clips, visible, hidden and tokens as <see cref="PretrainStep.Accumulate"/> takes them; null while
    /// updates are made operator by operator, and where the shapes are not those that were recorded.
    /// </summary>
    public (ObjectiveResult Result, Tensor GradientNorm)? Run(Tensor?[] given, double rate)
    {
        if (Failure is not null || (graph is null && (ordinary++ < OrdinaryUpdates || !Record(given))) || !Fits(given))
            return null;
        using (new NoGrad())
        {
            foreach (var (input, value) in inputs.Zip(given))
            {
                if (input is not null)
                    F.Copy_(input, value!);
            }
            step.Weights.Optimizer.Next(rate);
        }
        graph!.Launch();
        return (result!.Map(F.Detach), F.Detach(norm!));
    }

    private bool Record(Tensor?[] given)
    {
        inputs = [.. given.Select(t => t is null ? null : Tensor.Empty(t.Shape, t.Type, device).KeepForever())];
        try
        {
            graph = CudaGraph.Record(device, () =>
            {
                using var scope = new TensorScope();
                result = step.Accumulate(inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]).Map(t => F.Detach(t).KeepForever());
                norm = step.Update(null).KeepForever();
            });
        }
        catch (TorchException failure)
        {
            Failure = failure.Message;
            step.Weights.Abandon();
            Dispose();
        }
        return graph is not null;
    }

    private bool Fits(Tensor?[] given) => inputs.Zip(given).All(pair => pair switch
    {
        (null, null) => true,
        ({ } input, { } value) => input.Type == value.Type && input.Shape.SequenceEqual(value.Shape),
        _ => false,
    });

    /// <summary>Frees the recording and the places of inputs and results.</summary>
    public void Dispose()
    {
        graph?.Dispose();
        graph = null;
        result?.Map(t =>
        {
            t.Dispose();
            return t;
        });
        result = null;
        norm?.Dispose();
        norm = null;
        foreach (var input in inputs)
            input?.Dispose();
        inputs = [];
    }
}
