using Sigma.Checkpoints.Storage;
using Sigma.Torch;

namespace Sigma.Checkpoints.Pickle;

/// <summary>The few calls of a checkpoint's pickle whose results are plain containers and tensors. Names are compared, never
/// resolved: everything else becomes an <see cref="InertObject"/>.</summary>
internal sealed class KnownCalls(PickleInput input)
{
    public object? Call(object? callable, object? arguments, object? named)
    {
        if (arguments is not object?[] args) throw input.Fault("the arguments of a call are not a tuple");
        input.Charge(4);
        var plain = named is null or PickleDict { Count: 0 };
        var known = plain && callable is InertName name ? Known(name, args) : null;
        return known ?? new InertObject { Callable = callable, Arguments = args, NamedArguments = named };
    }

    object? Known(InertName name, object?[] args) => (name.Module, name.Name) switch
    {
        ("collections", "OrderedDict" or "Counter") => Dictionary(args),
        ("collections", "defaultdict") => Dictionary(args.Length > 0 ? args[1..] : args),
        ("builtins" or "__builtin__", "dict") => Dictionary(args),
        ("builtins" or "__builtin__", "set") => Set(args, false),
        ("builtins" or "__builtin__", "frozenset") => Set(args, true),
        ("builtins" or "__builtin__", "bytearray" or "bytes") => args is [] ? Array.Empty<byte>() : args is [byte[] bytes] ? bytes : null,
        ("_codecs", "encode") => args is [string text, "latin1" or "latin-1"] ? Encode(text) : null,
        ("torch", "Size") => args is [object?[] size] ? size : null,
        ("torch._utils", "_rebuild_tensor") => args.Length == 4 ? Tensor(args, null) : null,
        ("torch._utils", "_rebuild_tensor_v2") => args.Length is 6 or 7 ? Tensor(args, null) : null,
        ("torch._utils", "_rebuild_tensor_v3") => args is [_, _, _, _, _, _, InertName type, ..] ? Tensor(args, type) : null,
        ("torch._utils", "_rebuild_parameter" or "_rebuild_parameter_with_state") => args.Length > 0 ? args[0] as StoredTensor : null,
        // A tensor with attributes or of a subclass: (function, class, arguments, state).
        ("torch._tensor", "_rebuild_from_type_v2") =>
            args is [InertName { Name: not "_rebuild_from_type_v2" } function, _, object?[] inner, ..] ? Known(function, inner) as StoredTensor : null,
        _ => null,
    };

    PickleDict? Dictionary(object?[] args)
    {
        if (args.Length == 0) return new PickleDict();
        if (args is not [List<object?> or PickleDict]) return null;
        var dict = new PickleDict();
        if (args[0] is PickleDict other)
        {
            input.Charge(other.Count);
            foreach (var (key, value) in other) dict.Set(key, value);
            return dict;
        }
        var pairs = (List<object?>)args[0]!;
        input.Charge(pairs.Count);
        foreach (var pair in pairs)
        {
            if (pair is object?[] { Length: 2 } tuple) dict.Set(tuple[0], tuple[1]);
            else if (pair is List<object?> { Count: 2 } list) dict.Set(list[0], list[1]);
            else return null;
        }
        return dict;
    }

    PickleSet? Set(object?[] args, bool frozen)
    {
        if (args.Length == 0) return new PickleSet { Frozen = frozen };
        IReadOnlyCollection<object?>? items = args[0] as List<object?> ?? args[0] as IReadOnlyCollection<object?>;
        if (items is null || args.Length != 1 || args[0] is PickleDict) return null;
        input.Charge(items.Count);
        return new PickleSet { Items = [.. items], Frozen = frozen };
    }

    /// <summary>How protocol 2 writes bytes.</summary>
    byte[]? Encode(string text)
    {
        input.Charge(text.Length / 32);
        var bytes = new byte[text.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (text[i] > 255) return null;
            bytes[i] = (byte)text[i];
        }
        return bytes;
    }

    StridedTensor? Tensor(object?[] args, InertName? typeName)
    {
        if (args[0] is not StoredStorage storage) return null;
        if (args[1] is not long offset || args[2] is not object?[] sizes || args[3] is not object?[] strides)
            throw input.Fault("a tensor without offset, sizes or strides");
        var type = storage.Type;
        if (typeName is not null)
        {
            if (TorchTypes.OfName(typeName) is not { } named) return null;
            type = named;
        }
        if (sizes.Length > TensorLayout.MaxDimensions || strides.Length > TensorLayout.MaxDimensions)
            throw input.Fault($"a tensor has {sizes.Length} dimensions, at most {TensorLayout.MaxDimensions} are read");
        input.Charge(2 + (sizes.Length + strides.Length) / 4);
        var (shape, stride) = (Longs(sizes), Longs(strides));
        if (TensorLayout.Fault(shape, stride, offset, type.Size(), storage.ByteLength) is { } fault) throw input.Fault(fault);
        return new StridedTensor(storage, type, offset, shape, stride);
    }

    long[] Longs(object?[] values)
    {
        var longs = new long[values.Length];
        for (var i = 0; i < longs.Length; i++)
            longs[i] = values[i] as long? ?? throw input.Fault("a size or stride of a tensor is not an integer");
        return longs;
    }
}
