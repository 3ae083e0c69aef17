using Sigma.Benchmarks;
using Sigma.Tests.Training;
using Sigma.Torch;

namespace Sigma.Tests.Kernels;

[Trait("Category", "kernels")]
[Collection(nameof(Alone))]
public sealed class LinearTests
{
    /// <summary>Sums of up to 1,600 products in float32.</summary>
    private const double Tolerance = 3e-6;

    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(7, 64, 64, true)]
    [InlineData(200, 192, 768, false)]
    [InlineData(200, 768, 192, true)]
    [InlineData(401, 1536, 96, true)]
    [InlineData(13, 33, 201, true)]
    [InlineData(1000, 5, 17, false)]
    public void Values_and_gradients_are_those_of_the_composition(int rows, int inputs, int outputs, bool gelu)
    {
        using var scope = new TensorScope();
        var x = MadeUp.Numbers(1, 2, rows, inputs) * 2;
        var weight = MadeUp.Numbers(2, outputs, inputs);
        var bias = MadeUp.Numbers(3, outputs);
        var slope = MadeUp.Numbers(4, 2, rows, outputs);
        Tensor[] Wide(params Tensor[] tensors) => [.. tensors.Select(t => F.To(t, ScalarType.Float64))];

        var wanted = Differentiate((x, w, b) => F.Linear(gelu ? F.Gelu(x) : x, w, b), Wide(x, weight, bias), Wide(slope)[0]);
        var got = Differentiate((x, w, b) => F.FusedLinear(x, w, b, gelu), [x, weight, bias], slope);

        foreach (var (name, right, ours) in new[] { "values", "of x", "of the weights", "of the bias" }.Zip(wanted, got))
            Close.Assert(right, ours, Tolerance, name);
    }

    [Fact]
    public void Gelu_and_its_slope_are_exact_for_numbers_of_any_size()
    {
        using var scope = new TensorScope();
        var numbers = Enumerable.Range(-16000, 32001).Select(i => i / 1000f).Concat([-1e30f, -40, -1e-20f, 1e-20f, 40, 1e30f]).ToArray();
        var x = Tensor.From(numbers, numbers.Length, 1);
        var one = F.Ones([1, 1]);
        var slope = F.Ones([numbers.Length, 1]);
        var got = Differentiate((x, w, _) => F.FusedLinear(x, w, null, gelu: true), [x, one, one], slope);
        var wanted = Differentiate((x, w, _) => F.MatMul(F.Gelu(x), w), [.. new[] { x, one, one }.Select(t => F.To(t, ScalarType.Float64))], F.To(slope, ScalarType.Float64));

        foreach (var ((number, right), ours) in numbers.Zip(wanted[0].ToArray<double>()).Zip(got[0].ToArray<float>()))
            Assert.True(Math.Abs(right - ours) <= 8e-7 * Math.Abs(right) + 2e-9, $"GELU({number:g9}) is {right:g9}, not {ours:g9}");
        foreach (var ((number, right), ours) in numbers.Zip(wanted[1].ToArray<double>()).Zip(got[1].ToArray<float>()))
            Assert.True(Math.Abs(right - ours) <= 5e-7, $"GELU's slope at {number:g9} is {right:g9}, not {ours:g9}");
    }

    [Theory]
    [InlineData(100, 500, 300, 4)]
    [InlineData(3, 64, 3000, 16)]
    public void The_same_bits_come_out_on_any_number_of_threads(int rows, int inputs, int outputs, int most)
    {
        using var scope = new TensorScope();
        var threads = Engine.Threads;
        Tensor[] given = [MadeUp.Numbers(1, rows, inputs), MadeUp.Numbers(2, outputs, inputs), MadeUp.Numbers(3, outputs)];
        var slope = MadeUp.Numbers(4, rows, outputs);
        float[][] At(int count)
        {
            Engine.Threads = count;
            return [.. Differentiate((x, w, b) => F.FusedLinear(x, w, b, gelu: true), given, slope).Take(2).Select(t => t.ToArray<float>())];
        }
        Assert.Equal(At(1), At(most));
        Engine.Threads = threads;
    }

    [Fact]
    public void Activations_are_not_stored()
    {
        using var scope = new TensorScope();
        const int rows = 20_000, inputs = 64;
        var x = MadeUp.Numbers(1, rows, inputs);
        var weight = MadeUp.Numbers(2, 1, inputs);
        weight.RequiresGrad = true;
        Assert.InRange(MemoryUse.Peak(() => F.FusedLinear(x, weight, null, gelu: true), Device.Cpu), 1, (long)rows * inputs * sizeof(float) / 2);
    }

    [Fact]
    public void Under_autocast_it_is_what_libtorch_makes_of_it()
    {
        using var scope = new TensorScope();
        var (x, weight) = (MadeUp.Numbers(1, 20, 32), MadeUp.Numbers(2, 8, 32));
        using var narrow = new Autocast(Device.Cpu, ScalarType.BFloat16);
        var got = F.FusedLinear(x, weight);
        Assert.Equal(ScalarType.BFloat16, got.Type);
        Assert.Equal(F.To(F.Linear(x, weight), ScalarType.Float32).ToArray<float>(), F.To(got, ScalarType.Float32).ToArray<float>());
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => F.FusedLinear(F.Zeros([4, 10]), F.Zeros([3, 11])));
        Assert.Contains("weight [out, in]", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The values, and the gradients of everything that is given.</summary>
    private static Tensor[] Differentiate(Func<Tensor, Tensor, Tensor, Tensor> function, Tensor[] given, Tensor slope)
    {
        using var scope = new TensorScope();
        var (x, weight, bias) = (F.Clone(given[0]), F.Clone(given[1]), F.Clone(given[2]));
        foreach (var leaf in (Tensor[])[x, weight, bias])
            leaf.RequiresGrad = true;
        var values = function(x, weight, bias);
        values.Backward(slope);
        return [.. new[] { F.Detach(values), x.Grad, weight.Grad, bias.Grad }.OfType<Tensor>().Select(t => scope.Keep(t))];
    }
}
