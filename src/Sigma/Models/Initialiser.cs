using Sigma.Data;
using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// Draws initial weights, one stream of random numbers for a whole model, so that a seed gives the same weights on
/// every engine and machine.
/// </summary>
public sealed class Initialiser(long seed)
{
    private CounterRandom random = new(seed, 0, 0, Purpose.Initialisation);

    /// <summary>Zeros, for biases.</summary>
    public static Tensor Zeros(params long[] shape) => F.Zeros(shape);

    /// <summary>Ones, for the scales of norms.</summary>
    public static Tensor Ones(params long[] shape) => F.Ones(shape);

    /// <summary>Xavier-uniform (Glorot and Bengio 2010) for a matrix [out, in].</summary>
    public Tensor XavierUniform(long outputs, long inputs) => Uniform(Math.Sqrt(6.0 / (outputs + inputs)), outputs, inputs);

    /// <summary>
    /// PyTorch's default for linear and convolution layers, weights and biases alike: Kaiming-uniform with a = √5,
    /// which is uniform within 1/√(inputs of one output).
    /// </summary>
    public Tensor Default(long fanIn, params long[] shape) => Uniform(1 / Math.Sqrt(fanIn), shape);

    /// <summary>Standard normal numbers times a deviation.</summary>
    public Tensor Normal(double deviation, params long[] shape) => Fill(shape, () => deviation * random.NextGaussian());

    /// <summary>Normal numbers, drawn again while farther out than the published cut (two units, whatever the deviation).</summary>
    public Tensor TruncatedNormal(double deviation, params long[] shape) => Fill(shape, () =>
    {
        double value;
        do
            value = deviation * random.NextGaussian();
        while (Math.Abs(value) > 2);
        return value;
    });

    private Tensor Uniform(double bound, params long[] shape) => Fill(shape, () => (2 * random.NextDouble() - 1) * bound);

    private static Tensor Fill(long[] shape, Func<double> draw)
    {
        var tensor = Tensor.Empty(shape);
        foreach (ref var value in tensor.Data<float>())
            value = (float)draw();
        return tensor;
    }
}
