namespace Sigma.Checkpoints.Names;

/// <summary>Pairs of names of the same tensors in this project and in transformers. A pair that ends in a dot stands for all
/// names that begin so, any other for that one name.</summary>
/// <param name="Blocks">Where the numbered transformer blocks are.</param>
/// <param name="Parts">Everything outside of the blocks.</param>
internal sealed record NameTable((string Ours, string Theirs)[] Blocks, (string Ours, string Theirs)[] Parts)
{
    /// <summary>Inside a block. The query, key and value weights are three tensors there and one here.</summary>
    static readonly (string Ours, string Theirs)[] InBlock =
    [
        ("norm1.", "layernorm_before."),
        ("attn.q_bias", "attention.attention.q_bias"),
        ("attn.v_bias", "attention.attention.v_bias"),
        ("attn.proj.", "attention.output.dense."),
        ("norm2.", "layernorm_after."),
        ("mlp.fc1.", "intermediate.dense."),
        ("mlp.fc2.", "output.dense."),
    ];

    const string EncoderOfTheirs = "encoder.layer.", EmbeddingOfTheirs = "embeddings.patch_embeddings.projection.";

    /// <summary>VideoMAEModel: the encoder alone.</summary>
    public static readonly NameTable Model = new(
        [("encoder.blocks.", EncoderOfTheirs)],
        [
            ("encoder.patch_embed.proj.", EmbeddingOfTheirs),
            ("encoder.pos_embed", "embeddings.position_embeddings"),
            ("encoder.norm.", "layernorm."),
        ]);

    /// <summary>VideoMAEForPreTraining: encoder and decoder.</summary>
    public static readonly NameTable ForPreTraining = new(
        [("encoder.blocks.", "videomae." + EncoderOfTheirs), ("decoder.blocks.", "decoder.decoder_layers.")],
        [
            ("encoder.patch_embed.proj.", "videomae." + EmbeddingOfTheirs),
            ("encoder.pos_embed", "videomae.embeddings.position_embeddings"),
            ("encoder.norm.", "videomae.layernorm."),
            ("encoder_to_decoder.", "encoder_to_decoder."),
            ("mask_token", "mask_token"),
            ("pos_embed", "position_embeddings"),
            ("decoder.norm.", "decoder.norm."),
            ("decoder.head.", "decoder.head."),
        ]);

    /// <summary>VideoMAEForVideoClassification: encoder, pooled norm and classifier.</summary>
    public static readonly NameTable ForVideoClassification = new(
        [("blocks.", "videomae." + EncoderOfTheirs)],
        [
            ("patch_embed.proj.", "videomae." + EmbeddingOfTheirs),
            ("pos_embed", "videomae.embeddings.position_embeddings"),
            ("norm.", "videomae.layernorm."),
            ("fc_norm.", "fc_norm."),
            ("head.", "classifier."),
        ]);

    /// <summary>Their name of our tensor, or null.</summary>
    public string? ToTheirs(string name) => Translate(name, pair => pair);

    /// <summary>Our name of their tensor, or null.</summary>
    public string? ToOurs(string name) => Translate(name, Turned);

    /// <summary>The beginning of our block's name in theirs, and what follows the number, or null outside of the blocks.</summary>
    public (string Block, string Part)? TheirBlock(string name) => Block(name, pair => pair);

    /// <summary>The beginning of their block's name in ours, and what follows the number, or null outside of the blocks.</summary>
    public (string Block, string Part)? OurBlock(string name) => Block(name, Turned);

    static (string, string) Turned((string Ours, string Theirs) pair) => (pair.Theirs, pair.Ours);

    string? Translate(string name, Func<(string, string), (string From, string To)> turn) =>
        Block(name, turn) is var (block, part) ? Match(part, InBlock, turn) is { } inside ? block + inside : null : Match(name, Parts, turn);

    static string? Match(string name, (string, string)[] pairs, Func<(string, string), (string From, string To)> turn)
    {
        foreach (var (from, to) in pairs.Select(turn))
        {
            if (name == from) return to;
            if (from.EndsWith('.') && name.StartsWith(from, StringComparison.Ordinal)) return to + name[from.Length..];
        }
        return null;
    }

    (string, string)? Block(string name, Func<(string, string), (string From, string To)> turn)
    {
        foreach (var (from, to) in Blocks.Select(turn))
        {
            if (!name.StartsWith(from, StringComparison.Ordinal)) continue;
            var dot = name.IndexOf('.', from.Length);
            if (dot > from.Length && name.AsSpan(from.Length, dot - from.Length).IndexOfAnyExceptInRange('0', '9') < 0)
                return (string.Concat(to, name.AsSpan(from.Length, dot + 1 - from.Length)), name[(dot + 1)..]);
        }
        return null;
    }
}
