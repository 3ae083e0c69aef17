using Sigma.Checkpoints.Names;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary>What a network is made with and its weights do not tell.</summary>
/// <param name="Heads">Attention heads of the encoder.</param>
/// <param name="DecoderHeads">Attention heads of the decoder.</param>
/// <param name="ImageSize">Height and width of a frame, pixels.</param>
/// <param name="Frames">Frames of a clip.</param>
/// <param name="StandardisedTargets">Whether each tube's pixels were standardised to make the target.</param>
internal sealed record ClipAndHeads(int? Heads, int? DecoderHeads, int? ImageSize, int? Frames, bool? StandardisedTargets)
{
    /// <summary>
    /// From a config.json beside the file, else from the recipe of the run it belongs to, else nothing.
    /// </summary>
    public static ClipAndHeads Beside(string weights)
    {
        if (Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weights))!, "config.json") is var config && File.Exists(config))
        {
            var network = HuggingFaceConfig.Read(config);
            return new(network.NumAttentionHeads, network.DecoderNumAttentionHeads, network.ImageSize, network.NumFrames, network.NormPixLoss);
        }
        return RunCheckpoint.Find(weights) switch
        {
            { FineTuning: { } tuned } => new(tuned.Model.Heads, null, tuned.Clip.Size, tuned.Clip.Frames, null),
            { Recipe: { } run } => new(run.Model.Heads, run.Model.DecoderHeads, run.Clip.Size, run.Clip.Frames, run.Objective.NormaliseTarget),
            _ => new(null, null, null, null, null),
        };
    }

    /// <summary>What the command line says goes before what was found.</summary>
    public ClipAndHeads With(int? heads, int? decoderHeads, int? imageSize, int? frames) => this with
    {
        Heads = heads ?? Heads,
        DecoderHeads = decoderHeads ?? DecoderHeads,
        ImageSize = imageSize ?? ImageSize,
        Frames = frames ?? Frames,
    };

    public int NeededHeads() => Heads ?? throw NotTold("--heads", "encoder");

    public int NeededDecoderHeads() => DecoderHeads ?? throw NotTold("--decoder-heads", "decoder");

    /// <summary>Refuses numbers that make no network.</summary>
    public void Check(HuggingFaceConfig config)
    {
        Divides("--heads", NeededHeads(), config.HiddenSize, "the encoder's width");
        if (DecoderHeads is { } decoderHeads && config.Architectures is ["VideoMAEForPreTraining"])
            Divides("--decoder-heads", decoderHeads, config.DecoderHiddenSize, "the decoder's width");
        Whole("--image-size", config.ImageSize, config.PatchSize, "a tube's side");
        Whole("--frames", config.NumFrames, config.TubeletSize, "a tube's frames");
    }

    private static void Divides(string option, int heads, int width, string what)
    {
        if (heads < 1 || width % heads != 0)
            throw new BadInputException(FormattableString.Invariant($"{option} is {heads}, but must divide {what}, {width}"));
    }

    private static void Whole(string option, int length, int tube, string what)
    {
        if (length < 1 || tube < 1 || length % tube != 0)
            throw new BadInputException(FormattableString.Invariant($"{option} is {length}, but must be a multiple of {what}, {tube}"));
    }

    private static BadInputException NotTold(string option, string part) =>
        new($"neither the weights nor a recipe.yaml tell how many attention heads the {part} has: give {option} (ViT-S 6, decoder 3; ViT-B 12, 6; ViT-L 16, 8; ViT-H 16, 8)");
}
