using Sigma.Torch;

namespace Sigma.Recipes;

/// <summary>In what numbers the networks compute; weights, Sinkhorn and the optimiser stay in float32.</summary>
public enum Precision
{
    /// <summary>32 bits throughout.</summary>
    Float32,

    /// <summary>Autocast to bfloat16.</summary>
    Bf16,

    /// <summary>Autocast to half precision, with loss scaling.</summary>
    Fp16,
}

/// <summary>What a run does when its health says collapse.</summary>
public enum CollapseAction
{
    /// <summary>Say so and go on.</summary>
    Warn,

    /// <summary>Save and stop with exit code 3.</summary>
    Stop,
}

/// <summary>What decodes the videos.</summary>
public enum VideoDecoder
{
    /// <summary>FFmpeg's software decoders.</summary>
    Cpu,

    /// <summary>The video decoder of an NVIDIA GPU, for what it takes; the CPU for the rest.</summary>
    Nvdec,
}

/// <summary>How the videos are read (<c>data:</c>); changes no batch.</summary>
public sealed record DataRecipe
{
    /// <summary>Decoding workers; 0 chooses by the cores at hand. Default: 0.</summary>
    public int Workers { get; init; }

    /// <summary>Largest share of videos that may be unreadable before the run stops. Default: 0.1.</summary>
    public double UnreadableLimit { get; init; } = 0.1;

    /// <summary>What decodes the clips that are trained on. Default: cpu.</summary>
    public VideoDecoder Decoder { get; init; } = VideoDecoder.Cpu;

    /// <summary>The number of the GPU that decodes, which is the one that trains (the first for a run on the CPU); null for none.</summary>
    internal int? Nvdec(Device device) => Decoder == VideoDecoder.Nvdec ? device.Index : null;

    internal void Check(Findings findings)
    {
        findings.Between("data.workers", Workers, 0, 1024);
        findings.Between("data.unreadableLimit", UnreadableLimit, 0, 1);
    }
}

/// <summary>When a run saves itself (<c>checkpoint:</c>).</summary>
public sealed record CheckpointRecipe
{
    /// <summary>Updates between two checkpoints, in steps. Default: 500.</summary>
    public int Every { get; init; } = 500;

    /// <summary>Newest checkpoints that are kept. Default: 3.</summary>
    public int Keep { get; init; } = 3;

    internal void Check(Findings findings)
    {
        findings.AtLeast("checkpoint.every", Every, 1);
        findings.AtLeast("checkpoint.keep", Keep, 1);
    }
}

/// <summary>What a run does about its own health (<c>health:</c>).</summary>
public sealed record HealthRecipe
{
    /// <summary>What happens when the measures say collapse. Default: warn.</summary>
    public CollapseAction OnCollapse { get; init; } = CollapseAction.Warn;
}
