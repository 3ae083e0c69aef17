using Sigma.Benchmarks;
using Sigma.Objectives;
using Sigma.Tests.Training;
using Sigma.Torch;

namespace Sigma.Tests.Kernels;

[Trait("Category", "kernels")]
[Collection(nameof(Alone))]
public sealed class BalanceTests
{
    [Theory]
    [InlineData(1, 1, 0.05)]
    [InlineData(50, 12, 0.05)]
    [InlineData(200, 37, 0.03)]
    [InlineData(300, 64, 0.01)]
    [InlineData(129, 300, 0.05)]
    public void Assignments_are_those_of_the_composition_in_double(int samples, int prototypes, double epsilon)
    {
        using var scope = new TensorScope();
        var scores = MadeUp.Numbers(samples, samples, prototypes);
        var wanted = ComposedSinkhorn.Assign(scores, epsilon, 10);
        // A logit reaches 2/ε and is rounded to float32.
        Close.Assert(wanted, Sinkhorn.Assign(scores, epsilon, 10), 1e-6 / epsilon);
        Assert.Equal(F.ArgMax(wanted, 1).ToArray<long>(), Sinkhorn.Labels(scores, epsilon, 10).ToArray<long>());
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(1.0 / 30)]
    public void A_round_of_matrix_products_as_on_a_GPU_is_the_round_of_the_kernel(double epsilon)
    {
        using var scope = new TensorScope();
        // From -1 to 1 in a row, and scales as far apart as unit vectors can bring them: exp(2/ε).
        var scores = MadeUp.Numbers(3, 400, 60);
        var logScales = F.To(MadeUp.Numbers(4, 60), ScalarType.Float64) / epsilon;
        var wanted = F.BalanceRound(scores, logScales, epsilon).ToArray<double>();
        var got = Sinkhorn.RoundOfProducts(Sinkhorn.Weights(scores, epsilon), logScales).ToArray<double>();
        Assert.All(wanted.Zip(got), pair => Assert.Equal(1, pair.Second / pair.First, 1e-4));
    }

    [Fact]
    public void Two_ranks_that_add_up_their_columns_give_what_one_gives()
    {
        using var scope = new TensorScope();
        var scores = MadeUp.Numbers(7, 256, 20);
        Tensor[] halves = [F.Contiguous(F.Narrow(scores, 0, 0, 128)), F.Contiguous(F.Narrow(scores, 0, 128, 128))];

        // Each rank runs up to a round, with the sums of the rounds before; what both send then is added up.
        var sums = new List<Tensor>();
        for (var round = 1; round <= 10; round++)
            sums.Add(Sent(halves[0], round, sums) + Sent(halves[1], round, sums));
        var next = 0;
        var shared = Sinkhorn.LogPrototypeScales(halves[0], 0.05, 10, columns => F.Copy_(columns, sums[next++]));
        Close.Assert(Sinkhorn.LogPrototypeScales(scores, 0.05, 10), shared, 1e-6);
    }

    [Fact]
    public void Nothing_of_the_size_of_the_scores_is_stored()
    {
        using var scope = new TensorScope();
        var scores = MadeUp.Numbers(8, 2000, 500);
        Assert.InRange(MemoryUse.Peak(() => Sinkhorn.Labels(scores, 0.05, 3).Dispose(), Device.Cpu), 1, 2000L * 500 * sizeof(float) / 4);
    }

    [Fact]
    public void Labels_and_scales_do_not_depend_on_the_number_of_threads()
    {
        using var scope = new TensorScope();
        var scores = MadeUp.Numbers(9, 700, 90);
        var threads = Engine.Threads;
        Engine.Threads = 1;
        var one = Sinkhorn.LogPrototypeScales(scores, 0.05, 10).ToArray<double>();
        Engine.Threads = 3;
        Assert.Equal(one, Sinkhorn.LogPrototypeScales(scores, 0.05, 10).ToArray<double>());
        Engine.Threads = threads;
    }

    /// <summary>The columns that a rank would send in a round.</summary>
    private static Tensor Sent(Tensor scores, int round, List<Tensor> sums)
    {
        Tensor? sent = null;
        var now = 0;
        _ = Sinkhorn.LogPrototypeScales(scores, 0.05, round, columns =>
        {
            sent = F.Clone(columns).KeepForever();
            if (now < sums.Count)
                F.Copy_(columns, sums[now++]);
        });
        return F.Detach(sent!);
    }
}
