using Sigma.Data;
using Sigma.Torch;

namespace Sigma.Benchmarks;

/// <summary>Made-up input for benchmarks: the same for the same seed, and no file is read.</summary>
internal static class MadeUp
{
    /// <summary>Numbers even between -1 and 1.</summary>
    public static Tensor Numbers(long seed, params long[] shape)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Order);
        var tensor = Tensor.Empty(shape);
        foreach (ref var number in tensor.Data<float>())
            number = (float)(2 * random.NextDouble() - 1);
        return tensor;
    }
}
