namespace Sigma.Recipes;

/// <summary>Which frames of a video make a clip of fine-tuning.</summary>
public enum SamplingKind
{
    /// <summary>Frames a stride apart, from a random place of the video. Published for Kinetics-400.</summary>
    Dense,

    /// <summary>One frame of each of T equal segments of the video (TSN). Published for Something-Something V2.</summary>
    Segments,
}

/// <summary>What is read from a labelled video and how it is cut into tubes (<c>clip:</c>).</summary>
public sealed record LabelledClipRecipe
{
    /// <summary>Frames T of a clip. Default and published: 16.</summary>
    public int Frames { get; init; } = 16;

    /// <summary>Which frames of a video make a clip. Default: dense. Published: dense on K400, segments on SSv2.</summary>
    public SamplingKind Sampling { get; init; } = SamplingKind.Dense;

    /// <summary>Distance between two frames of a dense clip, in frames of the video. Default and published: 4.</summary>
    public int Stride { get; init; } = 4;

    /// <summary>Height and width of a clip, in pixels. Default and published: 224.</summary>
    public int Size { get; init; } = 224;

    /// <summary>Frames of a tube, as in pre-training. Default and published: 2.</summary>
    public int TubeFrames { get; init; } = 2;

    /// <summary>Height and width of a tube in pixels, as in pre-training. Default and published: 16.</summary>
    public int TubeSize { get; init; } = 16;

    /// <summary>The same clip as pre-training describes it: its shape and its tubes.</summary>
    public ClipRecipe Shape => new() { Frames = Frames, Stride = Stride, Size = Size, TubeFrames = TubeFrames, TubeSize = TubeSize };

    internal void Check(Findings findings) => Shape.Check(findings);
}
