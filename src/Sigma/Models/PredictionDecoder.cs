using Sigma.Torch;

namespace Sigma.Models;

/// <summary>Blocks over visible tokens followed by mask tokens; norm and linear head on the hidden positions only.</summary>
public sealed class PredictionDecoder : Module
{
    private readonly BlockStack blocks;
    private readonly LayerNorm norm;
    private readonly LinearLayer head;

    /// <summary>A decoder whose head predicts <paramref name="outputs"/> numbers for a tube.</summary>
    public PredictionDecoder(Initialiser initialiser, int width, int depth, int heads, int outputs, bool checkpointActivations = false)
    {
        blocks = Part("blocks", new BlockStack(initialiser, width, depth, heads) { CheckpointActivations = checkpointActivations });
        norm = Part("norm", new LayerNorm(width));
        head = Part("head", LinearLayer.Xavier(initialiser, width, outputs));
    }

    /// <summary>Tokens [B, N, D], the hidden ones last, to predictions [B, M, outputs] for the last M.</summary>
    public Tensor Forward(Tensor tokens, long hidden)
    {
        using var scope = new TensorScope();
        var mixed = blocks.Forward(tokens);
        return scope.Keep(head.Forward(norm.Forward(F.Narrow(mixed, 1, mixed.Size(1) - hidden, hidden))));
    }
}
