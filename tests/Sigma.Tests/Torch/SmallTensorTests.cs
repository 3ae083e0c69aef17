using Sigma.Torch;

namespace Sigma.Tests.Torch;

[Trait("Category", "torch")]
public sealed class SmallTensorTests
{
    [Fact]
    public void Tensors_that_one_thread_makes_and_another_frees_keep_their_numbers()
    {
        // Sizes on both sides of every class of small memory, more of each than a thread keeps.
        var sizes = Enumerable.Range(0, 3000).Select(i => 1 + (i * 7 % 300)).ToArray();
        for (var round = 0; round < 5; round++)
        {
            Tensor[] made = [];
            OnThreadOfItsOwn(() => made = [.. sizes.Select((size, i) => Tensor.From(Enumerable.Repeat(i + round, size).ToArray(), size))]);
            OnThreadOfItsOwn(() =>
            {
                for (var i = 0; i < made.Length; i += 2)
                    made[i].Dispose();
                using var others = F.Ones([64]);
            });
            for (var i = 1; i < made.Length; i += 2)
            {
                Assert.All(made[i].ToArray<int>(), x => Assert.Equal(i + round, x));
                made[i].Dispose();
            }
        }
    }

    private static void OnThreadOfItsOwn(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }
}
