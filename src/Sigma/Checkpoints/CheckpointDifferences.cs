namespace Sigma.Checkpoints;

/// <summary>What stands between a model's tensors and a checkpoint's.</summary>
/// <param name="Missing">Names that the model has and the checkpoint has not.</param>
/// <param name="Unexpected">Names that the checkpoint has and the model has not.</param>
/// <param name="ShapeDifferences">Names on both sides with different shapes.</param>
public sealed record CheckpointDifferences(
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unexpected,
    IReadOnlyList<ShapeDifference> ShapeDifferences)
{
    /// <summary>True when both sides agree in names and shapes.</summary>
    public bool None => Missing.Count == 0 && Unexpected.Count == 0 && ShapeDifferences.Count == 0;

    /// <summary>Compares names and shapes, each list in the order of its side.</summary>
    /// <param name="wanted">The model's tensors and their shapes.</param>
    /// <param name="found">The checkpoint's tensors.</param>
    public static CheckpointDifferences Between(
        IReadOnlyDictionary<string, long[]> wanted, IReadOnlyDictionary<string, StoredTensor> found)
    {
        var missing = wanted.Keys.Where(name => !found.ContainsKey(name)).ToList();
        var unexpected = found.Keys.Where(name => !wanted.ContainsKey(name)).ToList();
        var shapes = new List<ShapeDifference>();
        foreach (var (name, shape) in wanted)
            if (found.TryGetValue(name, out var tensor) && !tensor.Shape.AsSpan().SequenceEqual(shape))
                shapes.Add(new ShapeDifference(name, shape, tensor.Shape));
        return new CheckpointDifferences(missing, unexpected, shapes);
    }

    /// <summary>Refuses a checkpoint that does not fit, with the whole list.</summary>
    /// <param name="path">The checkpoint, for the message.</param>
    /// <exception cref="CheckpointMismatchException">There is any difference.</exception>
    public void ThrowIfAny(string path)
    {
        if (!None) throw new CheckpointMismatchException(path, Missing, Unexpected, ShapeDifferences);
    }
}
