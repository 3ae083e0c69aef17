using Sigma.Torch;

namespace Sigma.Checkpoints.Names;

/// <summary>The VideoMAE networks of transformers.</summary>
public enum HuggingFaceModel
{
    /// <summary><c>VideoMAEModel</c>: the encoder.</summary>
    Model,

    /// <summary><c>VideoMAEForPreTraining</c>: encoder and decoder.</summary>
    ForPreTraining,

    /// <summary><c>VideoMAEForVideoClassification</c>: encoder and classifier.</summary>
    ForVideoClassification,
}

/// <summary>Between the published names and those of VideoMAE in transformers. The joint query-key-value weight [3D, D] is
/// three weights there; nothing is read or copied for it, and there and back gives the same bytes.</summary>
public static class HuggingFaceNames
{
    /// <summary>Tensors that transformers has no place for (prototypes, projection network, a head that predicts clusters and
    /// not pixels) keep their names behind this one. transformers passes over them with a warning, and they come back on import.</summary>
    public const string Extra = "sigma.";

    const string JointWeight = "attn.qkv.weight";
    static readonly string[] SplitWeights = ["query.weight", "key.weight", "value.weight"];
    const string SplitStem = "attention.attention.";

    /// <summary>Published names (for pre-training; for the classifier, fine-tuning names) to transformers' names.</summary>
    /// <param name="published">The tensors.</param>
    /// <param name="model">The network to export to. For <see cref="HuggingFaceModel.Model"/> everything but the encoder is left out.</param>
    /// <exception cref="StateMismatchException">A query-key-value weight does not split into three.</exception>
    public static RenamedTensors Export(IReadOnlyDictionary<string, StoredTensor> published, HuggingFaceModel model)
    {
        var table = Table(model);
        var renamed = new OrderedDictionary<string, StoredTensor>(StringComparer.Ordinal);
        var leftOut = new List<string>();
        var clusters = !PredictsPixels(published);
        foreach (var (name, tensor) in published)
        {
            if (table.TheirBlock(name) is var (block, part) && part == JointWeight) Split(name, tensor, block, renamed);
            else if (table.ToTheirs(name) is { } theirs && !(clusters && name.StartsWith("decoder.head.", StringComparison.Ordinal)))
                renamed.Add(theirs, tensor);
            else if (model == HuggingFaceModel.Model) leftOut.Add(name);
            else renamed.Add(Extra + name, tensor);
        }
        return new RenamedTensors(renamed, leftOut);
    }

    /// <summary>transformers' names to published ones: those for fine-tuning where there is a classifier, else those for
    /// pre-training.</summary>
    /// <param name="theirs">The tensors of any of the three networks.</param>
    /// <param name="path">The checkpoint, for messages.</param>
    /// <exception cref="StateMismatchException">A name is not one of theirs, or one of query, key and value is missing or of another shape.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Import(IReadOnlyDictionary<string, StoredTensor> theirs, string path)
    {
        var table = Table(ModelOf(theirs));
        var renamed = new OrderedDictionary<string, StoredTensor>(StringComparer.Ordinal);
        var missing = new List<string>();
        var unexpected = new List<string>();
        var shapes = new List<ShapeDifference>();
        foreach (var (name, tensor) in theirs)
        {
            if (table.OurBlock(name) is var (block, part) && part.StartsWith(SplitStem, StringComparison.Ordinal)
                && SplitWeights.Contains(part[SplitStem.Length..]))
            {
                if (renamed.ContainsKey(block + JointWeight)) continue;
                if (Join(theirs, name[..^(part.Length - SplitStem.Length)], missing, shapes) is { } joint) renamed.Add(block + JointWeight, joint);
            }
            else if (table.ToOurs(name) is { } ours) renamed.TryAdd(ours, tensor);
            else if (name.StartsWith(Extra, StringComparison.Ordinal)) renamed.TryAdd(name[Extra.Length..], tensor);
            else unexpected.Add(name);
        }
        if (missing.Count + unexpected.Count + shapes.Count > 0)
            throw new StateMismatchException(path, [.. missing.Distinct()], unexpected, [.. shapes.DistinctBy(s => s.Name)]);
        return renamed;
    }

    /// <summary>The network whose tensors these are.</summary>
    public static HuggingFaceModel ModelOf(IReadOnlyDictionary<string, StoredTensor> theirs) =>
        !theirs.Keys.Any(n => n.StartsWith("videomae.", StringComparison.Ordinal)) ? HuggingFaceModel.Model
        : theirs.Keys.Any(n => n.StartsWith("classifier.", StringComparison.Ordinal) || n.StartsWith("fc_norm.", StringComparison.Ordinal))
            ? HuggingFaceModel.ForVideoClassification
            : HuggingFaceModel.ForPreTraining;

    static NameTable Table(HuggingFaceModel model) => model switch
    {
        HuggingFaceModel.Model => NameTable.Model,
        HuggingFaceModel.ForPreTraining => NameTable.ForPreTraining,
        _ => NameTable.ForVideoClassification,
    };

    static void Split(string name, StoredTensor joint, string block, OrderedDictionary<string, StoredTensor> renamed)
    {
        if (joint.Shape.Length != 2 || joint.Shape[0] % 3 != 0)
            throw new StateMismatchException(name, [], [], [new ShapeDifference(name, [3 * joint.Shape.LastOrDefault(), joint.Shape.LastOrDefault()], joint.Shape)]);
        var rows = joint.Shape[0] / 3;
        for (var i = 0; i < 3; i++) renamed.Add(block + SplitStem + SplitWeights[i], joint.Rows(i * rows, rows));
    }

    static StoredTensor? Join(
        IReadOnlyDictionary<string, StoredTensor> theirs, string stem, List<string> missing, List<ShapeDifference> shapes)
    {
        var names = SplitWeights.Select(w => stem + w).ToArray();
        missing.AddRange(names.Where(n => !theirs.ContainsKey(n)));
        if (!names.All(theirs.ContainsKey)) return null;
        var parts = names.Select(n => theirs[n]).ToArray();
        var odd = names.Where((_, i) => parts[i].Shape.Length != 2 || parts[i].Type != parts[0].Type || !parts[i].Shape.AsSpan().SequenceEqual(parts[0].Shape));
        shapes.AddRange(odd.Select(n => new ShapeDifference(n, parts[0].Shape, theirs[n].Shape)));
        return odd.Any() ? null : StoredTensor.Stack(parts);
    }

    /// <summary>Whether the decoder's head gives a tube's pixels (channels × frames × height × width), as transformers demands.</summary>
    static bool PredictsPixels(IReadOnlyDictionary<string, StoredTensor> published) =>
        !published.TryGetValue("decoder.head.weight", out var head)
        || !published.TryGetValue("encoder.patch_embed.proj.weight", out var embedding)
        || (head.Shape.Length == 2 && embedding.Shape.Length == 5 && head.Shape[0] == embedding.Shape[1] * embedding.Shape[2] * embedding.Shape[3] * embedding.Shape[4]);
}
