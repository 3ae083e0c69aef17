using System.Runtime.CompilerServices;

namespace Sigma.Data;

/// <summary>
/// A stream of random numbers that is a pure function of (seed, epoch, sample, repeat, purpose): no state is shared
/// between samples, so any worker or rank can draw for any sample and gets the same numbers.
/// The generator is Philox-4x32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011): the seed is its key, the other four share the counter with the position in the stream.
/// A mutable value: pass it by reference, a copy repeats the same numbers.
/// </summary>
public struct CounterRandom
{
    private const int Rounds = 10;
    private const int RepeatBits = 24;

    private readonly uint key0, key1;
    private readonly uint sample, epoch, purpose;
    private uint block;
    private ulong spare;
    private bool hasSpare;

    /// <summary>Starts the stream of one purpose for one sample.</summary>
    /// <param name="seed">the run's seed</param>
    /// <param name="epoch">epoch, from 0</param>
    /// <param name="sample">index of the sample in the manifest (not its position in the epoch)</param>
    /// <param name="purpose">what is drawn</param>
    /// <param name="repeat">which of several clips drawn from the same sample in the same epoch, from 0</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="repeat"/> is negative or 2²⁴ and more</exception>
    public CounterRandom(long seed, int epoch, int sample, Purpose purpose, int repeat = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(repeat);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(repeat, 1 << RepeatBits);
        key0 = (uint)seed;
        key1 = (uint)(seed >> 32);
        this.sample = (uint)sample;
        this.epoch = (uint)epoch;
        this.purpose = ((uint)purpose << RepeatBits) | (uint)repeat;
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        if (hasSpare)
        {
            hasSpare = false;
            return spare;
        }
        // 2³² blocks of 16 bytes: a stream is far longer than anything one purpose draws for one sample.
        var (a, b, c, d) = Philox(block++, sample, epoch, purpose, key0, key1);
        spare = c | ((ulong)d << 32);
        hasSpare = true;
        return a | ((ulong)b << 32);
    }

    /// <summary>A whole number in [0, n), every one equally likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is not positive</exception>
    public int NextInt(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        // The high word of bits × n is uniform once the few low words that occur once too often are drawn again
        // (Lemire, "Fast random integer generation in an interval", 2019).
        var high = Math.BigMul(NextUInt64(), (ulong)n, out var low);
        if (low < (ulong)n)
        {
            var surplus = (0UL - (ulong)n) % (ulong)n;
            while (low < surplus)
                high = Math.BigMul(NextUInt64(), (ulong)n, out low);
        }
        return (int)high;
    }

    /// <summary>A multiple of 2⁻⁵³ in [0, 1), every one equally likely.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [<paramref name="low"/>, <paramref name="high"/>), uniform.</summary>
    public double NextDouble(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>A draw from the standard normal distribution (Box and Muller 1958, the cosine branch).</summary>
    public double NextGaussian()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble())); // 1 − u is in (0, 1]: the logarithm is finite
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Puts <paramref name="values"/> into a random order, every order equally likely (Fisher and Yates).</summary>
    public void Shuffle(Span<int> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>The ten rounds: 128 bits of counter under 64 bits of key become 128 uniform bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (uint A, uint B, uint C, uint D) Philox(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var p0 = (ulong)c0 * 0xD2511F53;
            var p1 = (ulong)c2 * 0xCD9E8D57;
            c0 = (uint)(p1 >> 32) ^ c1 ^ k0;
            c2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c1 = (uint)p1;
            c3 = (uint)p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return (c0, c1, c2, c3);
    }
}
