using Sigma.Torch;

namespace Sigma.Training;

/// <summary>How evenly clusters are used.</summary>
public static class PrototypeUse
{
    /// <summary>
    /// Entropy of the labels' histogram over ln K: 1 when all K prototypes are used alike, 0 when one takes all. The host
    /// waits for the device here.
    /// </summary>
    /// <param name="labels">[N] whole numbers below K.</param>
    /// <param name="prototypes">K.</param>
    public static double Entropy(Tensor labels, int prototypes)
    {
        var counts = new long[prototypes];
        var values = labels.ToArray<long>();
        foreach (var label in values)
            counts[label]++;
        var entropy = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
                entropy -= (double)count / values.Length * Math.Log((double)count / values.Length);
        }
        return entropy / Math.Log(prototypes);
    }
}
