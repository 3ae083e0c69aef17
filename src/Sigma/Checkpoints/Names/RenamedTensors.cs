namespace Sigma.Checkpoints.Names;

/// <summary>Tensors under new names. Nothing has been read or copied.</summary>
/// <param name="Tensors">The tensors in the order of the originals.</param>
/// <param name="LeftOut">Original names that have no place among the new ones.</param>
public sealed record RenamedTensors(IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyList<string> LeftOut);
