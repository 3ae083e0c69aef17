using Sigma.Torch;

namespace Sigma.Checkpoints;

/// <summary>Writes stored tensors as safetensors, straight from file to file.</summary>
public static class SafetensorsExport
{
    /// <summary>Writes tensors in the order given.</summary>
    /// <param name="path">The file, overwritten.</param>
    /// <param name="tensors">Names and tensors; read one at a time.</param>
    /// <param name="metadata">Notes for the header. transformers wants <c>format: pt</c>.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, StoredTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var list = tensors.ToList();
        SafetensorsFile.Write(path, [.. list.Select(t => (t.Key, t.Value.Type, t.Value.Shape))], (number, stream) => stream.Write(list[number].Value.ReadContiguous()), metadata);
    }
}
