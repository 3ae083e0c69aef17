using System.Collections;
using System.Runtime.CompilerServices;

namespace Sigma.Recipes;

/// <summary>
/// An unchangeable list that equals another list with the same items in the same order, so that records holding one
/// compare by value. Written as a collection expression: <c>Betas = [0.9, 0.95]</c>.
/// </summary>
/// <typeparam name="T">Type of the items.</typeparam>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Create))]
public sealed class ValueList<T> : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    private readonly T[] _items;

    internal ValueList(T[] items) => _items = items;

    /// <summary>The item at <paramref name="index"/>.</summary>
    /// <exception cref="IndexOutOfRangeException">The list has no such place.</exception>
    public T this[int index] => _items[index];

    /// <summary>How many items the list holds.</summary>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public bool Equals(ValueList<T>? other) => other is not null && _items.SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in _items)
            hash.Add(item);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The items as a recipe writes them: <c>[0.9, 0.95]</c>.</summary>
    public override string ToString() =>
        "[" + string.Join(", ", _items.Select(item => FormattableString.Invariant($"{item}"))) + "]";
}

/// <summary>Makes <see cref="ValueList{T}"/> usable with collection expressions.</summary>
public static class ValueList
{
    /// <summary>A list of a copy of <paramref name="items"/>.</summary>
    public static ValueList<T> Create<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
