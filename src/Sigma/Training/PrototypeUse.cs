using Sigma.Torch;

namespace Sigma.Training;

/// <summary>How evenly clusters are used: in one update, and over the last ones.</summary>
/// <param name="prototypes">K.</param>
/// <param name="window">Updates after which a prototype that nobody chose counts as dead.</param>
/// <param name="ranks">Whose labels count together; null for this process alone.</param>
public sealed class PrototypeUse(int prototypes, int window, Ranks? ranks = null)
{
    private const string LastUsed = "prototypes.lastUsed";
    private const string Updates = "prototypes.updates";

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

    /// <summary>What a run that continues must know: [K] and [1] whole numbers; nothing where no label was ever counted.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State() => updates == 0
        ? []
        : [(LastUsed, Tensor.From<long>(lastUsed)), (Updates, Tensor.From<long>([updates]))];

    /// <summary>Takes over what <see cref="State"/> gave.</summary>
    /// <exception cref="StateMismatchException">It belongs to another number of prototypes.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        StateMismatchException.ThrowIfAny(
            "the use of prototypes", new Dictionary<string, long[]> { [LastUsed] = [prototypes], [Updates] = [1] }, state.ToDictionary(p => p.Key, p => p.Value.Shape));
        F.To(state[LastUsed], ScalarType.Int64).ToArray<long>().CopyTo(lastUsed, 0);
        updates = F.To(state[Updates], ScalarType.Int64).ToArray<long>()[0];
    }

    /// <summary>Entropy of a histogram over the logarithm of its length: 1 when all are alike, 0 when one has everything.</summary>
    internal static double Entropy(double[] counts)
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
