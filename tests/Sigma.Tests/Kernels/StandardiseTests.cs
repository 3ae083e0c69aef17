using FsCheck;
using FsCheck.Fluent;
using Sigma.Torch;

namespace Sigma.Tests.Kernels;

[Trait("Category", "kernels")]
public sealed class StandardiseTests
{
    [Fact]
    public void Every_colour_is_its_distance_from_the_mean_over_its_deviation() =>
        Prop.ForAll(Arb.From(Gen.Choose(2, 600)), Arb.From(Gen.Choose(0, 250)), Arb.From(Gen.Elements(true, false)), (pixels, seed, flat) =>
        {
            using var scope = new TensorScope();
            var random = new Random(seed);
            // Tubes of one colour, and all but one pixel of them, are where rounding shows.
            var bytes = Enumerable.Range(0, 5 * 3 * pixels).Select(i => flat ? (byte)(seed + (i % 3)) : (byte)random.Next(256)).ToArray();
            if (flat)
                bytes[random.Next(bytes.Length)] ^= 1;
            var tubes = Tensor.From(bytes, 5, pixels * 3);

            var got = F.StandardiseBytes(tubes);

            var colours = F.Reshape(F.To(tubes, ScalarType.Float64) / 255, 5, pixels, 3);
            var wanted = (colours - F.Mean(colours, [1], keep: true)) / (F.Sqrt(F.Variance(colours, [1], unbiased: true, keep: true)) + 1e-6);
            Close.Assert(F.Reshape(wanted, 5, pixels * 3), got, 1e-6);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tube_of_one_pixel_has_no_deviation_and_is_refused()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => F.StandardiseBytes(F.Zeros([4, 3], ScalarType.UInt8)));
        Assert.Contains("2 to", error.Message, StringComparison.Ordinal);
    }
}
