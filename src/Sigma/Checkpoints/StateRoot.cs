using Sigma.Checkpoints.Pickle;
using Sigma.Checkpoints.Storage;

namespace Sigma.Checkpoints;

/// <summary>Where in a checkpoint the network's tensors are: the key of the dictionary and the prefix of the names.</summary>
internal sealed record StateRoot(
    string Name, string Prefix, IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyList<string> LeftOut)
{
    /// <summary>Keys tried in this order.</summary>
    static readonly string[] Names = ["model", "module", "teacher", "state_dict"];

    /// <summary>Names that a wrapper puts before those of the network inside it. A wrapper has nothing beside what it wraps.</summary>
    static readonly string[] Wrappers = ["module.", "_orig_mod.", "_fsdp_wrapped_module."];

    /// <summary>The name of the network beside its heads.</summary>
    const string Backbone = "backbone.";

    /// <summary>Prefixes one in the other that are stripped; no trainer nests more.</summary>
    const int MaxPrefixes = 4;

    /// <summary>Wrappers in the middle of a name: a part of the network that was compiled or sharded by itself.</summary>
    static readonly string[] InnerWrappers = ["._orig_mod.", "._fsdp_wrapped_module.", "._checkpoint_wrapped_module."];

    /// <summary>Finds the dictionary of tensors in what a PyTorch file holds.</summary>
    public static StateRoot Find(ByteSource source, object? content, string? wanted)
    {
        if (content is not PickleDict top) throw source.Fault(0, $"the file holds {Kind(content)}, not a dictionary of tensors");
        if (wanted is not null)
        {
            if (!top.TryGetValue(wanted, out var value))
                throw source.Fault(0, $"the file has no key '{wanted}', it has {Keys(top)}");
            return value is PickleDict dict && HasTensors(dict)
                ? Of(source, dict, wanted)
                : throw source.Fault(0, $"the file holds {Kind(value)} under '{wanted}', not a dictionary of tensors");
        }
        foreach (var name in Names)
            if (top.TryGetValue(name, out var value) && value is PickleDict dict && HasTensors(dict)) return Of(source, dict, name);
        return HasTensors(top)
            ? Of(source, top, "")
            : throw source.Fault(0, $"the file holds no tensors under {string.Join(", ", Names)} or directly, its keys are {Keys(top)}");
    }

    /// <summary>The tensors of a file that is the dictionary itself.</summary>
    public static StateRoot Of(ByteSource source, OrderedDictionary<string, StoredTensor> tensors) => Strip(source, "", tensors, []);

    static StateRoot Of(ByteSource source, PickleDict dict, string name)
    {
        var tensors = new OrderedDictionary<string, StoredTensor>(StringComparer.Ordinal);
        var leftOut = new List<string>();
        foreach (var (key, value) in dict)
        {
            if (key is string text && value is StoredTensor tensor) tensors.Add(text, tensor);
            else leftOut.Add(key as string ?? Kind(key));
        }
        return Strip(source, name, tensors, leftOut);
    }

    static StateRoot Strip(ByteSource source, string name, OrderedDictionary<string, StoredTensor> tensors, List<string> leftOut)
    {
        var names = tensors.Keys.ToList();
        var prefix = "";
        for (var depth = 0; depth < MaxPrefixes && Next(names, prefix.Length) is { } next; depth++)
        {
            prefix += next;
            leftOut.AddRange(names.Where(n => !n.StartsWith(prefix, StringComparison.Ordinal)));
            names.RemoveAll(n => !n.StartsWith(prefix, StringComparison.Ordinal));
        }
        var stripped = new OrderedDictionary<string, StoredTensor>(names.Count, StringComparer.Ordinal);
        foreach (var full in names)
        {
            var plain = Unwrap(full[prefix.Length..]);
            if (!stripped.TryAdd(plain, tensors[full])) throw source.Fault(0, $"two tensors are called '{plain}' once wrappers are taken off");
        }
        return new StateRoot(name, prefix, stripped, leftOut);
    }

    /// <summary>The next piece to strip, or null: a wrapper on every name, or the backbone on some of them.</summary>
    static string? Next(List<string> names, int at)
    {
        if (names.Count == 0) return null;
        return Wrappers.FirstOrDefault(wrapper => names.All(n => Follows(n, at, wrapper)))
            ?? (names.Any(n => Follows(n, at, Backbone)) ? Backbone : null);
    }

    static bool Follows(string name, int at, string piece) =>
        name.Length > at + piece.Length && name.AsSpan(at).StartsWith(piece, StringComparison.Ordinal);

    static string Unwrap(string name)
    {
        foreach (var wrapper in InnerWrappers) name = name.Replace(wrapper, ".", StringComparison.Ordinal);
        return name;
    }

    static bool HasTensors(PickleDict dict) => dict.Any(entry => entry is { Key: string, Value: StoredTensor });

    static string Keys(PickleDict dict)
    {
        var names = dict.Take(12).Select(e => e.Key is string s ? "'" + (s.Length <= 60 ? s : s[..60] + "…") + "'" : Kind(e.Key));
        return dict.Count == 0 ? "none" : string.Join(", ", names) + (dict.Count > 12 ? " and others" : "");
    }

    static string Kind(object? value) => value switch
    {
        null => "nothing",
        StoredTensor => "a tensor",
        PickleDict => "a dictionary without tensors",
        List<object?> => "a list",
        object?[] => "a tuple",
        string => "text",
        long => "a number",
        InertObject inert => $"a Python object ({inert}, whose state_dict should have been saved)",
        _ => "something else",
    };
}
