using System.Buffers.Binary;
using System.Numerics;
using Sigma.Checkpoints.Pickle;
using Sigma.Checkpoints.Storage;
using Sigma.Torch;

namespace Sigma.Checkpoints.Torch;

/// <summary>The layout before PyTorch 1.6: pickles of a magic number, a protocol number, facts about the writing machine, the
/// saved object and the list of storage keys; then for every key the number of elements and the elements.</summary>
internal sealed class TorchLegacy(ByteSource source)
{
    static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    readonly Dictionary<string, StoredStorage> storages = new(StringComparer.Ordinal);
    PickleInput input = null!;
    long position;
    bool bigEndian;

    public static object? Read(ByteSource source) => new TorchLegacy(source).Read();

    object? Read()
    {
        if (Next() is not BigInteger magic || magic != Magic) throw input.Fault("the file does not start with PyTorch's magic number");
        if (Next() is not 1001L) throw input.Fault("the file's protocol is not 1001, the only one before PyTorch 1.6");
        if (Next() is not PickleDict system) throw input.Fault("the facts about the writing machine are missing");
        bigEndian = system.TryGetValue("little_endian", out var little) && little is false;
        var content = Next(Storage);
        if (Next() is not List<object?> keys) throw input.Fault("the list of storages is missing");
        foreach (var key in keys) Place(key as string);
        foreach (var (key, storage) in storages)
            if (storage.Position == StoredStorage.Unplaced) throw source.Fault(position, $"the storage '{key}' is not in the file");
        return content;
    }

    object? Next(Func<object?, object?>? persistent = null)
    {
        input = new PickleInput(source, position, source.Length);
        var value = PickleReader.Read(input, persistent);
        position = input.Position;
        return value;
    }

    object? Storage(object? id)
    {
        if (id is object?[] { Length: >= 2 } module && module[0] is "module") return module[1]; // a class, with its source beside it
        if (id is not object?[] { Length: >= 5 } tuple || tuple[0] is not "storage" || tuple[1] is not InertName name
            || tuple[2] is not string key || tuple[4] is not long count)
            throw input.Fault("a persistent id that is not a storage");
        if (TorchTypes.OfStorage(name) is not { } type) throw input.Fault($"elements of {name} are not known");
        if (count < 0 || count > source.Length / type.Size())
            throw input.Fault($"a storage of {count} {type} elements in a file of {source.Length} bytes");
        if (!storages.TryGetValue(key, out var root))
            storages[key] = root = new StoredStorage(source, type, count, StoredStorage.Unplaced, bigEndian);
        if (root.Type != type || root.ElementCount != count) throw input.Fault("a storage is described in two ways");
        return tuple.Length > 5 && tuple[5] is { } view ? View(root, view) : root;
    }

    StoredStorage View(StoredStorage root, object view)
    {
        if (view is not object?[] { Length: 3 } parts || parts[1] is not long offset || parts[2] is not long count)
            throw input.Fault("a view of a storage without offset or length");
        if (offset < 0 || count < 0 || offset > root.ElementCount || count > root.ElementCount - offset)
            throw input.Fault($"a view of {count} elements from {offset} on in a storage of {root.ElementCount}");
        return new StoredStorage(source, root.Type, count, 0) { Root = root, RootOffset = offset };
    }

    void Place(string? key)
    {
        if (key is null || !storages.TryGetValue(key, out var storage)) throw input.Fault("the list of storages names one that no tensor uses");
        if (storage.Position != StoredStorage.Unplaced) throw input.Fault("the list of storages names one twice");
        Span<byte> header = stackalloc byte[8];
        source.Read(position, header);
        var count = bigEndian ? BinaryPrimitives.ReadInt64BigEndian(header) : BinaryPrimitives.ReadInt64LittleEndian(header);
        if (count != storage.ElementCount) throw source.Fault(position, $"a storage of {storage.ElementCount} elements says that it has {count}");
        position += header.Length;
        if (storage.ByteLength > source.Length - position)
            throw source.Fault(position, $"a storage of {storage.ByteLength} bytes runs past the end of the file at {source.Length}");
        storage.Position = position;
        position += storage.ByteLength;
    }
}
