using Sigma.Checkpoints.Storage;
using Sigma.Checkpoints.Torch;

namespace Sigma.Checkpoints;

/// <summary>The one door to checkpoints of any origin: a PyTorch file, a safetensors file, or a folder that holds one. Gives
/// the network's tensors by name and says where in the file they were. Tensors are read while this is open.</summary>
public sealed class CheckpointFile : IDisposable
{
    /// <summary>Files that are looked for in a folder, the first one found is taken.</summary>
    static readonly string[] FilesInFolder = ["model.safetensors", "pytorch_model.bin"];

    readonly IDisposable file;

    CheckpointFile(string path, string format, IDisposable file, StateRoot root)
    {
        Path = path;
        Format = format;
        this.file = file;
        Root = root.Name;
        Prefix = root.Prefix;
        Tensors = root.Tensors;
        LeftOut = root.LeftOut;
    }

    /// <summary>The file, also where a folder was named.</summary>
    public string Path { get; }

    /// <summary>How the file is laid out, in words for a person.</summary>
    public string Format { get; }

    /// <summary>Key under which the tensors were found (<c>model</c>, <c>module</c>, <c>teacher</c>, <c>state_dict</c> or the
    /// one asked for); empty where the file is the dictionary itself.</summary>
    public string Root { get; }

    /// <summary>What was stripped from the front of every name (<c>module.backbone.</c>); empty where nothing was.</summary>
    public string Prefix { get; }

    /// <summary>The tensors by their names without <see cref="Prefix"/>, in the order of the file.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Entries under the root that are not among <see cref="Tensors"/>: what is not a tensor, and what stands beside
    /// the prefix (a projection head beside <c>backbone.</c>).</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>Everything that a PyTorch file holds, as <see cref="TorchFile.Content"/>; null for safetensors.</summary>
    public object? Content { get; private init; }

    /// <summary>The notes in a safetensors header; empty for a PyTorch file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private init; } = new Dictionary<string, string>();

    /// <summary>Opens a checkpoint and finds its tensors. What the file is, its first bytes decide, not its name.</summary>
    /// <param name="path">A file, or a folder with <c>model.safetensors</c> or <c>pytorch_model.bin</c>.</param>
    /// <param name="root">Key under which to look; by default <c>model</c>, <c>module</c>, <c>teacher</c>, <c>state_dict</c>
    /// are tried in this order, then the dictionary itself.</param>
    /// <exception cref="CheckpointFormatException">It is malformed, hostile, of no known kind, or holds no tensors there.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static CheckpointFile Open(string path, string? root = null)
    {
        var filePath = Directory.Exists(path) ? InFolder(path) : path;
        var source = FileBytes.Open(filePath);
        try
        {
            return Open(source, root);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>SHA-256 of the whole file in hexadecimal: what results and caches know these weights by.</summary>
    public string Hash() => ContentHash.OfFile(Path);

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    internal static CheckpointFile Open(ByteSource source, string? root = null)
    {
        if (FileKinds.Of(source) == FileKind.Safetensors)
        {
            var (tensors, metadata) = SafetensorsTensors.Read(source);
            if (root is not null) throw source.Fault(0, $"a safetensors file has no key '{root}'");
            return new CheckpointFile(source.Name, "safetensors", source, StateRoot.Of(source, tensors)) { Metadata = metadata };
        }
        var torch = TorchFile.Open(source);
        var format = torch.Layout == TorchLayout.Zip ? "PyTorch" : "PyTorch before 1.6";
        return new CheckpointFile(source.Name, format, torch, StateRoot.Find(source, torch.Content, root)) { Content = torch.Content };
    }

    static string InFolder(string folder) =>
        FilesInFolder.Select(name => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new CheckpointFormatException(folder, 0, $"the folder holds neither {string.Join(" nor ", FilesInFolder)}");
}
