using Sigma.Checkpoints.Names;

namespace Sigma.Checkpoints;

/// <summary>What the shapes of published tensors tell of a network. Heads, frames and the size of a picture are not in them.</summary>
/// <param name="Width">Channels of the encoder.</param>
/// <param name="Depth">Blocks of the encoder.</param>
/// <param name="TubeFrames">Frames of a tube; null for a network of pictures.</param>
/// <param name="TubeSize">Height and width of a tube in pixels.</param>
/// <param name="DecoderWidth">Channels of the decoder, if there is one.</param>
/// <param name="DecoderDepth">Blocks of the decoder, if there is one.</param>
/// <param name="Outputs">Numbers predicted for a tube, or classes; null where there is no head.</param>
/// <param name="Prototypes">Prototypes K, if there are any.</param>
public sealed record NetworkSizes(
    long Width, int Depth, long? TubeFrames, long TubeSize, long? DecoderWidth, int? DecoderDepth, long? Outputs, long? Prototypes)
{
    /// <summary>The sizes, or null where the tensors are of no known network.</summary>
    /// <param name="published">Tensors under published names, of any scheme but transformers'.</param>
    public static NetworkSizes? Of(IReadOnlyDictionary<string, StoredTensor> published)
    {
        ArgumentNullException.ThrowIfNull(published);
        var encoder = NamingSchemes.Of(published) == NamingScheme.Pretraining ? "encoder." : "";
        // [width, colours, height, width] for pictures, [width, colours, frames, height, width] for videos.
        if (Shape(encoder + "patch_embed.proj.weight") is not [var width, _, .. var tube] || tube.Length is not (2 or 3))
            return null;
        var decoder = Shape("encoder_to_decoder.weight");
        var head = Shape(encoder.Length > 0 ? "decoder.head.weight" : "head.weight");
        return new NetworkSizes(
            width, Blocks(published, encoder + "blocks."), tube.Length == 3 ? tube[0] : null, tube[^1],
            decoder is [var decoderWidth, ..] ? decoderWidth : null, decoder is null ? null : Blocks(published, "decoder.blocks."),
            head is [var outputs, ..] ? outputs : null, Shape("prototypes") is [var prototypes, ..] ? prototypes : null);

        long[]? Shape(string name) => published.TryGetValue(name, out var tensor) ? tensor.Shape : null;
    }

    /// <summary>Transformer blocks whose tensors' names begin like that.</summary>
    internal static int Blocks(IReadOnlyDictionary<string, StoredTensor> tensors, string prefix) => tensors.Keys
        .Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[prefix.Length..].Split('.')[0]).Distinct().Count();
}
