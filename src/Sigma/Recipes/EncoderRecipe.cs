namespace Sigma.Recipes;

/// <summary>The network of a fine-tuning recipe (<c>model:</c>): the encoder that pre-training left.</summary>
public sealed record EncoderRecipe
{
    /// <summary>The named size the numbers below start from. Default: vit-s. Published: vit-s, vit-b, vit-l, vit-h.</summary>
    public ModelSize Size { get; init; } = ModelSize.VitS;

    /// <summary>Width D, in channels. Default: by size.</summary>
    public int Width { get; init; } = 384;

    /// <summary>Depth, in blocks. Default: by size.</summary>
    public int Depth { get; init; } = 12;

    /// <summary>Attention heads of a block. Default: by size.</summary>
    public int Heads { get; init; } = 6;

    /// <summary>The position table, as it was in pre-training. Default and published: fixed.</summary>
    public PositionTable Positions { get; init; } = PositionTable.Fixed;

    /// <summary>
    /// Frames of the clips that the table of positions belongs to, which is resampled to this clip's. Default: null, the
    /// clip's own; set by --init for weights trained on other clips.
    /// </summary>
    public int? PositionFrames { get; init; }

    /// <summary>Their height and width, in pixels. Default: null, the clip's own.</summary>
    public int? PositionSize { get; init; }

    /// <summary>
    /// Recompute the blocks' activations in the backward pass instead of keeping them: less memory, about a third more
    /// arithmetic. Default: false. Published: true for VideoMAE's ViT-H only.
    /// </summary>
    public bool CheckpointActivations { get; init; }

    /// <summary>The encoder of a named size, every number filled in.</summary>
    public static EncoderRecipe Of(ModelSize size)
    {
        var model = ModelRecipe.Of(size);
        return new() { Size = size, Width = model.Width, Depth = model.Depth, Heads = model.Heads };
    }

    internal void Check(Findings findings, LabelledClipRecipe clip)
    {
        ModelRecipe.CheckPositions(findings, "model.positionFrames", PositionFrames, "clip.tubeFrames", clip.TubeFrames);
        ModelRecipe.CheckPositions(findings, "model.positionSize", PositionSize, "clip.tubeSize", clip.TubeSize);
        ModelRecipe.CheckTransformer(findings, "model.width", Width, "model.depth", Depth, "model.heads", Heads);
    }
}
