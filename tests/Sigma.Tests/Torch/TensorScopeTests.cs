using Sigma.Torch;

namespace Sigma.Tests.Torch;

[Trait("Category", "torch")]
public sealed class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_in_it_and_keeps_what_it_is_told_to()
    {
        Tensor inner, kept;
        using (var outer = new TensorScope())
        {
            using (var scope = new TensorScope())
            {
                inner = F.Ones([3]);
                kept = scope.Keep(inner + 1);
            }
            Assert.Throws<ObjectDisposedException>(() => inner.Shape);
            Assert.Equal([2f, 2f, 2f], kept.ToArray<float>());
        }
        Assert.Throws<ObjectDisposedException>(() => kept.Shape);
    }

    [Fact]
    public void A_tensor_kept_forever_outlives_every_scope()
    {
        Tensor tensor;
        using (new TensorScope())
        using (new TensorScope())
            tensor = F.Ones([2]).KeepForever();
        Assert.Equal(2, tensor.Elements);
        tensor.Dispose();
    }

    [Fact]
    public void Disposing_in_any_order_frees_each_tensor_once()
    {
        using var scope = new TensorScope();
        Tensor[] tensors = [.. Enumerable.Range(0, 10).Select(_ => F.Ones([1]))];
        foreach (var i in new[] { 0, 9, 4, 5, 1 })
        {
            tensors[i].Dispose();
            tensors[i].Dispose();
        }
        Assert.Equal(1, tensors[8].Item());
    }
}
