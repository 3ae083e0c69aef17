namespace Sigma.Data;

/// <summary>Parts labelled entries in two so that every class has about the same share in both, drawn by a seed.</summary>
public static class StratifiedSplit
{
    /// <summary>
    /// Sets a share of every class aside: rounded, but at least one and not all where the class has two or more. The draw of a class
    /// depends on the seed, the class and its size alone.
    /// </summary>
    /// <param name="labels">the class of every entry</param>
    /// <param name="share">what is set aside, in (0, 1)</param>
    /// <param name="seed">of the draw</param>
    /// <returns>the places that stay and those set aside, rising</returns>
    public static (int[] Kept, int[] SetAside) Of(IReadOnlyList<int> labels, double share, long seed)
    {
        if (share is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "a share lies between 0 and 1");
        var (kept, aside) = (new List<int>(), new List<int>());
        foreach (var group in Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]))
        {
            int[] places = [.. group];
            new CounterRandom(seed, 0, group.Key, Purpose.Order).Shuffle(places);
            var count = places.Length < 2 ? 0 : Math.Clamp((int)Math.Round(share * places.Length, MidpointRounding.AwayFromZero), 1, places.Length - 1);
            aside.AddRange(places[..count]);
            kept.AddRange(places[count..]);
        }
        kept.Sort();
        aside.Sort();
        return ([.. kept], [.. aside]);
    }
}
