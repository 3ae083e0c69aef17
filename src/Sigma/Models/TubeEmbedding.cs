using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// The published 3-D convolution whose kernel equals its stride, computed as one matrix product over the tubes that
/// are asked for instead of over the whole clip.
/// </summary>
public sealed class TubeEmbedding : Module
{
    private readonly Tensor weight;
    private readonly Tensor bias;

    /// <summary>Embeds tubes of tubeFrames × tubeSize × tubeSize RGB pixels into <paramref name="width"/> channels.</summary>
    public TubeEmbedding(Initialiser initialiser, int width, int tubeFrames, int tubeSize)
    {
        var inputs = 3 * tubeFrames * tubeSize * tubeSize;
        var layer = Part("proj", new LinearLayer(
            initialiser.Default(inputs, width, 3, tubeFrames, tubeSize, tubeSize), initialiser.Default(inputs, width)));
        (weight, bias) = (layer.Parameters().First().Value, layer.Parameters().Last().Value);
    }

    /// <summary>Tubes [B, n, P], colour last, to tokens [B, n, D]; bytes are normalised by ImageNet's statistics first.</summary>
    public Tensor Forward(Tensor tubes)
    {
        var matrix = F.Reshape(F.Permute(weight, 0, 2, 3, 4, 1), weight.Size(0), -1); // [D, P], colour last like the tubes
        return F.FusedLinear(ClipTubes.Normalised(tubes), matrix, bias);
    }
}
