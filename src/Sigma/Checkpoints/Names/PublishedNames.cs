namespace Sigma.Checkpoints.Names;

/// <summary>Between the published names for pre-training and for fine-tuning: the encoder with and without <c>encoder.</c></summary>
/// <remarks>The published classifier pools by the mean and has no <c>norm</c> of its own before <c>fc_norm</c>; who builds one
/// from a pre-trained encoder leaves <c>norm.weight</c> and <c>norm.bias</c> aside knowingly.</remarks>
public static class PublishedNames
{
    const string Encoder = "encoder.";

    /// <summary>Parts of a published network's encoder, as they begin without the prefix.</summary>
    static readonly string[] EncoderParts = ["patch_embed.", "blocks.", "norm.", "pos_embed"];

    /// <summary>The encoder of a pre-trained network under the names of a classifier; decoder, mask token, prototypes and
    /// projection network are left out.</summary>
    public static RenamedTensors ToFineTuning(IReadOnlyDictionary<string, StoredTensor> pretraining) => Rename(
        pretraining, name => name.StartsWith(Encoder, StringComparison.Ordinal) ? name[Encoder.Length..] : null);

    /// <summary>The encoder of a classifier under the names for pre-training; <c>fc_norm</c> and <c>head</c> are left out.</summary>
    public static RenamedTensors ToPretraining(IReadOnlyDictionary<string, StoredTensor> fineTuning) => Rename(
        fineTuning, name => EncoderParts.Any(part => name.StartsWith(part, StringComparison.Ordinal)) ? Encoder + name : null);

    static RenamedTensors Rename(IReadOnlyDictionary<string, StoredTensor> tensors, Func<string, string?> rename)
    {
        var renamed = new OrderedDictionary<string, StoredTensor>(StringComparer.Ordinal);
        var leftOut = new List<string>();
        foreach (var (name, tensor) in tensors)
        {
            if (rename(name) is { } other) renamed.Add(other, tensor);
            else leftOut.Add(name);
        }
        return new RenamedTensors(renamed, leftOut);
    }
}
