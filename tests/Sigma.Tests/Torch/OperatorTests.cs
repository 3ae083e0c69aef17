using Sigma.Torch;

namespace Sigma.Tests.Torch;

[Trait("Category", "torch")]
public sealed class OperatorTests
{
    [Fact]
    public void Operators_are_found_by_name_and_take_the_defaults_of_their_schema()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2f, 3f, 4f], 2, 2);
        Assert.Equal([2f, 4f, 6f, 8f], Operator.Get("aten::add.Tensor").Call(x, x).ToArray<float>());
        Assert.Equal([3f, 7f], F.Sum(x, [1]).ToArray<float>());
    }

    [Fact]
    public void An_operator_that_does_not_exist_is_named_in_the_error()
    {
        var error = Assert.Throws<TorchException>(() => Operator.Get("aten::no_such_operator"));
        Assert.Contains("aten::no_such_operator", error.Message, StringComparison.Ordinal);
        Assert.Null(Operator.Find("aten::no_such_operator"));
    }

    [Fact]
    public void An_error_carries_the_operator_the_shapes_and_the_first_line_of_the_engine()
    {
        using var scope = new TensorScope();
        var x = F.Zeros([2, 3]);
        var error = Assert.Throws<TorchException>(() => F.MatMul(x, x));
        Assert.Contains("aten::matmul(Float32[2, 3], Float32[2, 3])", error.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be multiplied", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_many_tensors_and_optional_arguments_pass_the_border()
    {
        using var scope = new TensorScope();
        Tensor[] parts = [.. Enumerable.Range(0, 200).Select(i => F.Full([1], i))];
        Assert.Equal(199 * 200 / 2, F.Sum(F.Cat(parts, 0)).Item());
        Assert.Equal(1.5f, F.Linear(Tensor.From([1f, 2f], 1, 2), Tensor.From([.5f, .5f], 1, 2)).Item());
    }

    [Fact]
    public void Backward_leaves_the_gradient_on_the_leaf()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2f, 3f]);
        x.RequiresGrad = true;
        F.Sum(x * x).Backward();
        Assert.Equal([2f, 4f, 6f], x.Grad!.ToArray<float>());
        x.Grad = null;
        Assert.Null(x.Grad);
    }

    [Fact]
    public void Without_gradients_nothing_is_recorded()
    {
        using var scope = new TensorScope();
        var x = F.Ones([2]);
        x.RequiresGrad = true;
        using (new NoGrad())
            Assert.False((x * x).RequiresGrad);
        Assert.True((x * x).RequiresGrad);
    }

    [Fact]
    public void Autocast_runs_products_in_the_smaller_type_and_ends_with_its_block()
    {
        using var scope = new TensorScope();
        var x = F.Ones([4, 4]);
        using (new Autocast(Device.Cpu, ScalarType.BFloat16))
            Assert.Equal(ScalarType.BFloat16, F.Linear(x, x).Type);
        Assert.Equal(ScalarType.Float32, F.Linear(x, x).Type);
    }

    [Fact]
    public void Asking_for_a_gpu_that_is_not_there_says_so()
    {
        if (Engine.CudaDevices == 0)
        {
            var error = Assert.Throws<ArgumentException>(() => Device.Parse("cuda"));
            Assert.Contains("no NVIDIA GPU", error.Message, StringComparison.Ordinal);
        }
        Assert.Throws<ArgumentException>(() => Device.Parse("tpu"));
        Assert.Equal(Device.Cpu, Device.Parse("cpu"));
    }
}
