using Sigma.Data;
using Sigma.Data.Sets;

namespace Sigma.Evaluation.Severe;

/// <summary>A training set cut down to about a thousand clips, the same number of every class.</summary>
public static class LowShot
{
    /// <summary>Clips that are left, as published.</summary>
    public const int Clips = 1000;

    /// <summary>Seed of the draw, as published.</summary>
    public const long Seed = 99999;

    /// <summary>
    /// Exactly ⌈clips / classes⌉ entries of every class, drawn without replacement, in the order of the set; all of a class
    /// that has fewer.
    /// </summary>
    /// <param name="entries">Entries with a label each.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="clips">About how many are wanted.</param>
    /// <param name="seed">Of the draw.</param>
    /// <returns>The entries, and the classes that had too few.</returns>
    public static (IReadOnlyList<DataSetEntry> Entries, IReadOnlyList<int> Short) Draw(
        IReadOnlyList<DataSetEntry> entries, int classes, int clips = Clips, long seed = Seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clips);
        var wanted = (clips + classes - 1) / classes;
        var ofClass = Enumerable.Range(0, entries.Count).ToLookup(i => entries[i].Label!.Value);
        var (chosen, few) = (new List<int>(), new List<int>());
        for (var label = 0; label < classes; label++)
        {
            int[] own = [.. ofClass[label]];
            if (own.Length < wanted)
                few.Add(label);
            var random = new CounterRandom(seed, 0, label, Purpose.Evaluation);
            random.Shuffle(own);
            chosen.AddRange(own.Take(wanted));
        }
        return ([.. chosen.Order().Select(i => entries[i])], few);
    }
}
