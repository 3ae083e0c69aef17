using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// The published classifier: the pre-trained encoder over all tubes of a clip, the mean over its tokens, a norm
/// (<c>fc_norm</c>) and a linear head. Its parameters have the published names, those of the encoder without a prefix.
/// </summary>
public sealed class VideoClassifier : Module
{
    /// <summary>The head's initial weights are multiplied with this, so that training starts from even scores. Published.</summary>
    private const double HeadScale = 0.001;

    private const double Deviation = 0.02;

    private readonly TubeEmbedding embedding;
    private readonly BlockStack blocks;
    private readonly LayerNorm norm;
    private readonly LinearLayer head;
    private readonly Tensor positions;

    /// <summary>A classifier with initial weights: those of its linear layers truncated normal, as published.</summary>
    /// <param name="shape">Sizes of the encoder.</param>
    /// <param name="classes">Classes it tells apart.</param>
    /// <param name="seed">Of the initial weights.</param>
    public VideoClassifier(EncoderShape shape, int classes, long seed)
    {
        using var scope = new TensorScope();
        var initialiser = new Initialiser(seed);
        embedding = Part("patch_embed", new TubeEmbedding(initialiser, shape.Width, shape.TubeFrames, shape.TubeSize));
        positions = shape.LearnedPositions
            ? Parameter("pos_embed", initialiser.TruncatedNormal(Deviation, 1, shape.Tubes, shape.Width))
            : Constant(Positions.Fixed(shape, shape.Width));
        blocks = Part("blocks", new BlockStack(initialiser, shape.Width, shape.Depth, shape.Heads) { CheckpointActivations = shape.CheckpointActivations });
        using (new NoGrad())
        {
            foreach (var (_, weight) in blocks.Parameters().Where(p => p.Value.Shape.Length == 2))
                F.Copy_(weight, initialiser.TruncatedNormal(Deviation, weight.Shape));
        }
        norm = Part("fc_norm", new LayerNorm(shape.Width));
        head = Part("head", new LinearLayer(initialiser.TruncatedNormal(Deviation, classes, shape.Width) * HeadScale, Initialiser.Zeros(classes)));
        (Shape, Classes) = (shape, classes);
    }

    /// <summary>Sizes of the encoder.</summary>
    public EncoderShape Shape { get; }

    /// <summary>Classes it tells apart.</summary>
    public int Classes { get; }

    /// <summary>The pooled, normalised features: tubes [B, N, P], bytes or normalised numbers, to [B, D].</summary>
    /// <param name="tubes">All tubes of each clip.</param>
    /// <param name="paths">[depth, 2, B, 1, 1], see <see cref="Block.Forward"/>; null for none dropped, as in evaluation.</param>
    public Tensor Features(Tensor tubes, Tensor? paths = null)
    {
        using var scope = new TensorScope();
        var table = F.Reshape(positions, 1, Shape.Tubes, Shape.Width);
        var tokens = blocks.Forward(embedding.Forward(tubes) + table, paths); // [B, N, D]
        return scope.Keep(norm.Forward(F.Mean(tokens, [1])));
    }

    /// <summary>Scores of the classes: features [B, D] to logits [B, classes].</summary>
    public Tensor Logits(Tensor features) => head.Forward(features);

    /// <summary>Clips [B, T, H, W, 3], bytes or normalised numbers, to logits [B, classes], as in evaluation.</summary>
    public Tensor Forward(Tensor clips)
    {
        using var scope = new TensorScope();
        return scope.Keep(Logits(Features(ClipTubes.Cut(clips, Shape.TubeFrames, Shape.TubeSize))));
    }
}
