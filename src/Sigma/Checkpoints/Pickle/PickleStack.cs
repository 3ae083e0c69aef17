namespace Sigma.Checkpoints.Pickle;

/// <summary>The stack and memo of the pickle machine. Nothing is popped from below the last mark.</summary>
internal sealed class PickleStack(PickleInput input)
{
    static readonly object Absent = new();

    readonly List<object?> values = [];
    readonly List<int> marks = [];
    readonly List<object?> memo = [];
    int memoized;

    int Floor => marks.Count == 0 ? 0 : marks[^1];

    public void Push(object? value) => values.Add(value);

    public void Mark() => marks.Add(values.Count);

    public object? Pop()
    {
        var value = Top();
        values.RemoveAt(values.Count - 1);
        return value;
    }

    public object? Top() => values.Count > Floor
        ? values[^1]
        : throw input.Fault("an instruction of the pickle takes a value that is not there");

    /// <summary>Drops the value on top, or the mark if it is on top.</summary>
    public void Discard()
    {
        if (values.Count == Floor && marks.Count > 0) marks.RemoveAt(marks.Count - 1);
        else Pop();
    }

    /// <summary>Takes everything above the last mark, and the mark.</summary>
    public object?[] PopToMark()
    {
        if (marks.Count == 0) throw input.Fault("an instruction of the pickle takes a mark that is not there");
        var from = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        var above = values.GetRange(from, values.Count - from).ToArray();
        values.RemoveRange(from, above.Length);
        return above;
    }

    public void Memoize() => Remember(memoized);

    /// <summary>Writers number their entries one by one, so a number far ahead of the file is an attempt to fill the memory.</summary>
    public void Remember(long at)
    {
        var value = Top();
        if (at < 0 || at > memo.Count + 256) throw input.Fault($"the pickle remembers entry {at} after {memoized} entries");
        input.Charge(Math.Max(at - memo.Count, 0));
        while (memo.Count <= at) memo.Add(Absent);
        if (ReferenceEquals(memo[(int)at], Absent)) memoized++;
        memo[(int)at] = value;
    }

    public object? Recall(long at) => at >= 0 && at < memo.Count && !ReferenceEquals(memo[(int)at], Absent)
        ? memo[(int)at]
        : throw input.Fault($"the pickle recalls entry {at}, which it never remembered");
}
