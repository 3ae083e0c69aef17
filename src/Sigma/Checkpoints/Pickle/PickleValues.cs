using System.Collections;

namespace Sigma.Checkpoints.Pickle;

/// <summary>A dictionary from a pickle, in insertion order. Keys may be any value; only text keys can be looked up.</summary>
/// <remarks>The other kinds of keys are kept one beside the other without comparing them: nothing here hashes or compares
/// values whose make-up a hostile file decides.</remarks>
#pragma warning disable CA1710 // Named after what Python calls it.
public sealed class PickleDict : IReadOnlyCollection<KeyValuePair<object?, object?>>
#pragma warning restore CA1710
{
    List<KeyValuePair<object?, object?>> entries = Empty;
    Dictionary<string, int>? index;

    /// <summary>Shared by all dictionaries that have nothing in them yet, and never added to.</summary>
    static readonly List<KeyValuePair<object?, object?>> Empty = [];

    /// <inheritdoc/>
    public int Count => entries.Count;

    /// <summary>What a pickle set on the dictionary itself (a state dict's <c>_metadata</c>), or null.</summary>
    public object? Attributes { get; internal set; }

    /// <summary>The value under a text key.</summary>
    public bool TryGetValue(string key, out object? value)
    {
        value = null;
        if (index is null || !index.TryGetValue(key, out var i)) return false;
        value = entries[i].Value;
        return true;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<object?, object?>> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Set(object? key, object? value)
    {
        var entry = KeyValuePair.Create(key, value);
        if (ReferenceEquals(entries, Empty)) entries = [];
        if (key is string text)
        {
            index ??= new Dictionary<string, int>(StringComparer.Ordinal);
            if (index.TryGetValue(text, out var i))
            {
                entries[i] = entry;
                return;
            }
            index[text] = entries.Count;
        }
        entries.Add(entry);
    }
}

/// <summary>A set from a pickle, as the list of what was put in.</summary>
public sealed class PickleSet
{
    /// <summary>The members in the order of the file, not compared with one another.</summary>
    public List<object?> Items { get; internal init; } = [];

    /// <summary>True for a frozenset.</summary>
    public bool Frozen { get; internal init; }
}

/// <summary>The name of something that only a running Python could supply. A name and no more: it is never looked up.</summary>
/// <param name="Module">The module named in the file.</param>
/// <param name="Name">The name in that module.</param>
public sealed record InertName(string Module, string Name)
{
    /// <summary>Module and name with a dot between them, cut to a length fit for a message.</summary>
    public override string ToString() => Shorten(Module) + "." + Shorten(Name);

    static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";
}

/// <summary>An object that Python would have built by calling something. Nothing is called: what the file says about it is
/// kept as data.</summary>
public sealed class InertObject
{
    /// <summary>What would have been called: an <see cref="InertName"/> nearly always.</summary>
    public required object? Callable { get; init; }

    /// <summary>The arguments of the call: positional ones as an array.</summary>
    public object? Arguments { get; init; }

    /// <summary>The named arguments of the call, if any.</summary>
    public object? NamedArguments { get; init; }

    /// <summary>What would have been given to <c>__setstate__</c> or put into <c>__dict__</c>, if anything.</summary>
    public object? State { get; internal set; }

    /// <summary>What would have been appended to or added to the object, or null.</summary>
    public List<object?>? Items { get; internal set; }

    /// <summary>What would have been set under keys of the object, or null.</summary>
    public PickleDict? Entries { get; internal set; }

    /// <summary>The name of what would have been called.</summary>
    public override string ToString() => Callable is InertName name ? name.ToString() : "an object";
}
