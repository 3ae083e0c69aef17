namespace Sigma.Recipes;

/// <summary>The named sizes of vision transformer; <see cref="ModelRecipe.Of"/> gives their numbers.</summary>
public enum ModelSize
{
    /// <summary>192 × 12 × 3, decoder 96 × 4 × 3. Not published for video; for laptops and tests.</summary>
    VitTi,

    /// <summary>384 × 12 × 6, decoder 192 × 4 × 3.</summary>
    VitS,

    /// <summary>768 × 12 × 12, decoder 384 × 4 × 6.</summary>
    VitB,

    /// <summary>1024 × 24 × 16, decoder 512 × 4 × 8.</summary>
    VitL,

    /// <summary>1280 × 32 × 16, decoder 640 × 4 × 8.</summary>
    VitH,
}

/// <summary>Where the encoder's position table comes from.</summary>
public enum PositionTable
{
    /// <summary>The sine-cosine table, never trained. Published.</summary>
    Fixed,

    /// <summary>A trained table, drawn at random at first, as published.</summary>
    Learned,
}

/// <summary>The network of a recipe: encoder and decoder sizes (<c>model:</c>).</summary>
public sealed record ModelRecipe
{
    /// <summary>The named size the numbers below start from. Default: vit-s. Published: vit-s, vit-b, vit-l, vit-h.</summary>
    public ModelSize Size { get; init; } = ModelSize.VitS;

    /// <summary>Encoder width D, in channels. Default: by size (192, 384, 768, 1024, 1280).</summary>
    public int Width { get; init; } = 384;

    /// <summary>Encoder depth, in blocks. Default: by size (12, 12, 12, 24, 32).</summary>
    public int Depth { get; init; } = 12;

    /// <summary>Attention heads of an encoder block. Default: by size (3, 6, 12, 16, 16).</summary>
    public int Heads { get; init; } = 6;

    /// <summary>Decoder width, in channels. Default: by size (96, 192, 384, 512, 640).</summary>
    public int DecoderWidth { get; init; } = 192;

    /// <summary>Decoder depth, in blocks. Default: 4, as published; VideoMAE's ViT-L and ViT-H scripts use 12.</summary>
    public int DecoderDepth { get; init; } = 4;

    /// <summary>Attention heads of a decoder block. Default: by size (3, 3, 6, 8, 8).</summary>
    public int DecoderHeads { get; init; } = 3;

    /// <summary>The encoder's position table. Default and published: fixed.</summary>
    public PositionTable Positions { get; init; } = PositionTable.Fixed;

    /// <summary>
    /// Frames of the clips that the tables of positions belong to, which are resampled to this clip's. Default: null, the
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

    /// <summary>The model of a named size, every number filled in (METHOD: ViT-S to ViT-H as published, ViT-Ti ours).</summary>
    public static ModelRecipe Of(ModelSize size) => size switch
    {
        ModelSize.VitTi => Sized(size, 192, 12, 3, 96, 3),
        ModelSize.VitS => Sized(size, 384, 12, 6, 192, 3),
        ModelSize.VitB => Sized(size, 768, 12, 12, 384, 6),
        ModelSize.VitL => Sized(size, 1024, 24, 16, 512, 8),
        ModelSize.VitH => Sized(size, 1280, 32, 16, 640, 8),
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, "There is no such model size."),
    };

    internal void Check(Findings findings, ClipRecipe clip)
    {
        CheckPositions(findings, "model.positionFrames", PositionFrames, "clip.tubeFrames", clip.TubeFrames);
        CheckPositions(findings, "model.positionSize", PositionSize, "clip.tubeSize", clip.TubeSize);
        CheckTransformer(findings, "model.width", Width, "model.depth", Depth, "model.heads", Heads);
        CheckTransformer(
            findings, "model.decoderWidth", DecoderWidth, "model.decoderDepth", DecoderDepth, "model.decoderHeads", DecoderHeads);
    }

    internal static void CheckPositions(Findings findings, string key, int? value, string tubeKey, int tube) => findings.When(
        value is { } given && (given is < 1 or > 4096 || (tube > 0 && given % tube != 0)),
        $"is {value}, but must be a multiple of {tubeKey} ({tube}) up to 4096 (or null for the clip's own)", key);

    internal static void CheckTransformer(
        Findings findings, string widthKey, int width, string depthKey, int depth, string headsKey, int heads)
    {
        findings.Between(widthKey, width, 2, 16384);
        findings.Between(depthKey, depth, 1, 256);
        findings.Between(headsKey, heads, 1, 1024);
        // The position table fills channels in pairs, a sine and a cosine each.
        findings.When(width % 2 != 0, $"is {width}, but the sine-cosine position table needs an even width", widthKey);
        findings.When(
            heads > 0 && width % heads != 0,
            $"is {width}, which {headsKey} ({heads}) does not divide: every head takes an equal share of the width",
            widthKey, headsKey);
    }

    private static ModelRecipe Sized(ModelSize size, int width, int depth, int heads, int decoderWidth, int decoderHeads) => new()
    {
        Size = size,
        Width = width,
        Depth = depth,
        Heads = heads,
        DecoderWidth = decoderWidth,
        DecoderHeads = decoderHeads,
    };
}
