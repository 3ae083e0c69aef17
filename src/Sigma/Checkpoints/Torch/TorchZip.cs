using System.Text;
using Sigma.Checkpoints.Pickle;
using Sigma.Checkpoints.Storage;
using Sigma.Torch;

namespace Sigma.Checkpoints.Torch;

/// <summary>The zip layout: <c>NAME/data.pkl</c>, <c>NAME/data/KEY</c> for each storage, <c>NAME/byteorder</c>.</summary>
internal sealed class TorchZip
{
    readonly ByteSource source;
    readonly ZipDirectory zip;
    readonly string folder;
    readonly bool bigEndian;
    PickleInput input = null!;

    TorchZip(ByteSource source)
    {
        this.source = source;
        zip = ZipDirectory.Read(source);
        folder = Folder();
        bigEndian = ByteOrder() == "big";
    }

    public static object? Read(ByteSource source) => new TorchZip(source).Read();

    object? Read()
    {
        var (start, length) = zip.Find(folder + "data.pkl")!.Value;
        input = new PickleInput(source, start, start + length);
        return PickleReader.Read(input, Storage);
    }

    string Folder()
    {
        var pickle = zip.Names.Where(n => n == "data.pkl" || n.EndsWith("/data.pkl", StringComparison.Ordinal)).MinBy(n => n.Length)
            ?? throw source.Fault(0, "the zip file holds no data.pkl, so it was not written by torch.save");
        var folder = pickle[..^"data.pkl".Length];
        if (zip.Names.Contains(folder + "constants.pkl"))
            throw source.Fault(0, "this is a TorchScript program; save its state_dict with torch.save instead");
        return folder;
    }

    string ByteOrder()
    {
        if (zip.Find(folder + "byteorder") is not { } entry) return "little";
        var text = new byte[Math.Min(entry.Length, 16)];
        source.Read(entry.Start, text);
        return Encoding.ASCII.GetString(text).Trim() switch
        {
            "little" => "little",
            "big" => "big",
            var other => throw source.Fault(entry.Start, $"the byte order is '{other}', neither little nor big"),
        };
    }

    object? Storage(object? id)
    {
        if (id is not object?[] { Length: >= 5 } tuple || tuple[0] is not "storage" || tuple[1] is not InertName name
            || TorchTypes.OfStorage(name) is not { } type)
            return new InertObject { Callable = new InertName("torch", "storage"), Arguments = id };
        if (tuple[2] is not string key || tuple[4] is not long count) throw input.Fault("a storage without key or length");
        if (zip.Find(folder + "data/" + key) is not { } entry) throw input.Fault($"the storage '{Short(key)}' is not in the file");
        if (count < 0 || count > entry.Length / type.Size())
            throw input.Fault($"the storage '{Short(key)}' of {count} {type} elements has {entry.Length} bytes in the file");
        return new StoredStorage(source, type, count, entry.Start, bigEndian);
    }

    static string Short(string key) => key.Length <= 100 ? key : key[..100] + "…";
}
