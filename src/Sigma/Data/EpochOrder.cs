namespace Sigma.Data;

/// <summary>
/// The order in which one epoch visits the samples: a permutation given by seed and epoch alone, whatever the number
/// of workers or ranks.
/// </summary>
public sealed class EpochOrder
{
    private readonly int[] samples;

    /// <summary>Draws the order of an epoch.</summary>
    /// <param name="seed">the run's seed</param>
    /// <param name="epoch">epoch, from 0</param>
    /// <param name="count">number of samples</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative</exception>
    public EpochOrder(long seed, int epoch, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        samples = new int[count];
        for (var i = 0; i < count; i++)
            samples[i] = i;
        var random = new CounterRandom(seed, epoch, 0, Purpose.Order);
        random.Shuffle(samples);
    }

    /// <summary>Number of samples.</summary>
    public int Count => samples.Length;

    /// <summary>The sample visited at <paramref name="position"/>.</summary>
    /// <exception cref="IndexOutOfRangeException">no such position</exception>
    public int this[int position] => samples[position];

    /// <summary>All samples in the order of the visit.</summary>
    public ReadOnlySpan<int> Samples => samples;
}
