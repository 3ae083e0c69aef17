namespace Sigma.Checkpoints.Names;

/// <summary>Whose names a checkpoint's tensors have.</summary>
public enum NamingScheme
{
    /// <summary>Nobody's that this project knows.</summary>
    Unknown,

    /// <summary>SIGMA's and VideoMAE's for pre-training (<c>encoder.blocks.0…</c>, <c>decoder.…</c>): the names of this project.</summary>
    Pretraining,

    /// <summary>SIGMA's and VideoMAE's for a classifier (<c>blocks.0…</c>, <c>fc_norm</c>, <c>head</c>).</summary>
    FineTuning,

    /// <summary>VideoMAE's in the library transformers.</summary>
    HuggingFace,

    /// <summary>DINO's, kept as published.</summary>
    DinoV1,

    /// <summary>DINOv2's, kept as published.</summary>
    DinoV2,
}

/// <summary>Recognises naming schemes.</summary>
public static class NamingSchemes
{
    /// <summary>The scheme of a set of names.</summary>
    public static NamingScheme Of(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        if (tensors.Keys.Any(n => n.Contains("embeddings.patch_embeddings.projection.", StringComparison.Ordinal))) return NamingScheme.HuggingFace;
        if (tensors.ContainsKey("encoder.patch_embed.proj.weight")) return NamingScheme.Pretraining;
        if (!tensors.ContainsKey("patch_embed.proj.weight")) return NamingScheme.Unknown;
        if (!tensors.ContainsKey("cls_token")) return NamingScheme.FineTuning;
        return tensors.Keys.Any(n => n.EndsWith(".ls1.gamma", StringComparison.Ordinal)) ? NamingScheme.DinoV2 : NamingScheme.DinoV1;
    }
}
