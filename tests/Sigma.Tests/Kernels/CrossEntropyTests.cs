using Sigma.Benchmarks;
using Sigma.Torch;

namespace Sigma.Tests.Kernels;

[Trait("Category", "kernels")]
public sealed class CrossEntropyTests
{
    [Theory]
    [InlineData(1, 3, 4)]
    [InlineData(70, 16, 8)]
    [InlineData(130, 301, 33)]
    public void Loss_and_gradients_are_those_of_the_composition(int rows, int columns, int width)
    {
        using var scope = new TensorScope();
        var labels = F.Arange(rows * 7L);
        labels = Operator.Get("aten::remainder.Scalar").Call(F.Narrow(labels, 0, 0, rows) * 5L, columns);
        var (x, y) = (F.Normalize(MadeUp.Numbers(1, rows, width), 1), F.Normalize(MadeUp.Numbers(2, columns, width), 1));
        (x.RequiresGrad, y.RequiresGrad) = (true, true);

        var wanted = F.CrossEntropy(F.Linear(x, y) / 0.1, labels);
        (wanted * 3).Backward();
        var (wantedX, wantedY) = (x.Grad!, y.Grad!);
        (x.Grad, y.Grad) = (null, null);
        Tensor product;
        using (new NoGrad())
            product = F.Linear(x, y);
        var loss = F.ProductCrossEntropy(x, y, product, labels, 0.1);
        (loss * 3).Backward();

        Close.Assert(wanted, loss, 1e-6);
        Close.Assert(wantedX, x.Grad!, 2e-6, "gradient of x");
        Close.Assert(wantedY, y.Grad!, 2e-6, "gradient of y");
    }

    [Fact]
    public void Where_the_prototypes_are_detached_they_get_no_gradient()
    {
        using var scope = new TensorScope();
        var (x, y) = (MadeUp.Numbers(3, 10, 4), MadeUp.Numbers(4, 6, 4));
        (x.RequiresGrad, y.RequiresGrad) = (true, true);
        Tensor product;
        using (new NoGrad())
            product = F.Linear(x, y);
        F.ProductCrossEntropy(x, F.Detach(y), product, F.Zeros([10], ScalarType.Int64), 0.1).Backward();
        Assert.NotNull(x.Grad);
        Assert.Null(y.Grad);
    }
}
