using Sigma.Checkpoints.Storage;

namespace Sigma.Checkpoints.Torch;

/// <summary>How a PyTorch file is laid out.</summary>
public enum TorchLayout
{
    /// <summary>A zip file with a pickle and one entry a storage: PyTorch 1.6 and later.</summary>
    Zip,

    /// <summary>Five pickles, then the storages: before PyTorch 1.6.</summary>
    Legacy,
}

/// <summary>A file written by <c>torch.save</c>, read as data. Tensors stay in the file until they are read, so the file
/// must stay open as long as they are used.</summary>
public sealed class TorchFile : IDisposable
{
    readonly ByteSource source;

    TorchFile(ByteSource source, TorchLayout layout, object? content)
    {
        this.source = source;
        Layout = layout;
        Content = content;
    }

    /// <summary>How the file is laid out.</summary>
    public TorchLayout Layout { get; }

    /// <summary>What was saved: null, <c>bool</c>, <c>long</c>, <c>BigInteger</c>, <c>double</c>, <c>string</c>,
    /// <c>byte[]</c>, <c>List&lt;object?&gt;</c>, <c>object?[]</c> (a tuple), <see cref="Pickle.PickleDict"/>,
    /// <see cref="Pickle.PickleSet"/>, <see cref="StoredTensor"/>, <see cref="Pickle.InertName"/> or
    /// <see cref="Pickle.InertObject"/>. May contain itself.</summary>
    public object? Content { get; }

    /// <summary>Reads everything but the elements of the tensors.</summary>
    /// <param name="path">A <c>.pth</c>, <c>.pt</c> or <c>.bin</c> file.</param>
    /// <exception cref="CheckpointFormatException">The file is malformed, hostile or something else.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static TorchFile Open(string path)
    {
        var source = FileBytes.Open(path);
        try
        {
            return Open(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => source.Dispose();

    internal static TorchFile Open(ByteSource source) => FileKinds.Of(source) switch
    {
        FileKind.TorchZip => new TorchFile(source, TorchLayout.Zip, TorchZip.Read(source)),
        FileKind.TorchLegacy => new TorchFile(source, TorchLayout.Legacy, TorchLegacy.Read(source)),
        _ => throw source.Fault(0, FileKinds.Describe(source)),
    };
}
