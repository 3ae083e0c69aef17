using Sigma.Torch;

namespace Sigma.Training;

/// <summary>How evenly clusters are used: in one update, and over the last ones.</summary>
/// <param name="prototypes">K.</param>
/// <param name="window">Updates after which a prototype that nobody chose counts as dead.</param>
/// <param name="ranks">Whose labels count together; null for this process alone.</param>
public sealed class PrototypeUse(int prototypes, int window, Ranks? ranks = null)
{
    private readonly long[] lastUsed = new long[prototypes];
    private long updates;

    /// <summary>Share of the prototypes that no target was assigned to in the last updates; null until there were that many.</summary>
    public double? Dead => updates < window ? null : (double)lastUsed.Count(last => last <= updates - window) / prototypes;

    /// <summary>
    /// Takes in the labels of one update. The host waits for the device here.
    /// </summary>
    /// <param name="labels">[N] whole numbers below K.</param>
    /// <returns>
    /// Entropy of the labels' histogram over ln K: 1 when all K prototypes are used alike, 0 when one takes all.
    /// </returns>
    public double Add(Tensor labels)
    {
        updates++;
        var counts = new double[prototypes];
        foreach (var label in labels.ToArray<long>())
            counts[label]++;
        counts = ranks?.Sum(counts) ?? counts;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
                lastUsed[i] = updates;
        }
        return Entropy(counts);
    }

    private static double Entropy(double[] counts)
    {
        var (all, entropy) = (counts.Sum(), 0.0);
        foreach (var count in counts)
        {
            if (count > 0)
                entropy -= count / all * Math.Log(count / all);
        }
        return entropy / Math.Log(counts.Length);
    }
}
