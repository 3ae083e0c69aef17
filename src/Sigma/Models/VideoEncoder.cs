using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// A plain pre-norm vision transformer over visible tubes: embedding, position, blocks, norm.
/// </summary>
public sealed class VideoEncoder : Module
{
    private readonly TubeEmbedding embedding;
    private readonly BlockStack blocks;
    private readonly LayerNorm? norm;
    private readonly Tensor positions;

    /// <summary>An encoder for clips of a given shape.</summary>
    public VideoEncoder(Initialiser initialiser, EncoderShape shape)
    {
        embedding = Part("patch_embed", new TubeEmbedding(initialiser, shape.Width, shape.TubeFrames, shape.TubeSize));
        positions = shape.LearnedPositions
            ? Parameter("pos_embed", initialiser.TruncatedNormal(0.02, 1, shape.Tubes, shape.Width))
            : Constant(Positions.Fixed(shape, shape.Width));
        blocks = Part("blocks", new BlockStack(initialiser, shape.Width, shape.Depth, shape.Heads) { CheckpointActivations = shape.CheckpointActivations });
        norm = shape.FinalNorm ? Part("norm", new LayerNorm(shape.Width)) : null;
        Shape = shape;
    }

    /// <summary>Its sizes.</summary>
    public EncoderShape Shape { get; }

    /// <summary>Clips [B, T, H, W, 3] to tokens [B, N, D], every tube seen; T may be shorter than the positions reach.</summary>
    public Tensor Forward(Tensor clips)
    {
        using var scope = new TensorScope();
        var tubes = ClipTubes.Cut(clips, Shape.TubeFrames, Shape.TubeSize);
        var (batch, count) = (tubes.Size(0), tubes.Size(1));
        return scope.Keep(Forward(tubes, F.Expand(F.Unsqueeze(F.Arange(count, device: tubes.Device), 0), batch, count)));
    }

    /// <summary>Tubes [B, N, P] and the index [B, n] of those it may see, to tokens [B, n, D].</summary>
    public Tensor Forward(Tensor tubes, Tensor visible)
    {
        using var scope = new TensorScope();
        var table = F.Reshape(positions, Shape.Tubes, Shape.Width);
        var tokens = embedding.Forward(ClipTubes.Take(tubes, visible)) + Positions.At(table, visible); // [B, n, D]
        tokens = blocks.Forward(tokens);
        return scope.Keep(norm?.Forward(tokens) ?? tokens);
    }
}
