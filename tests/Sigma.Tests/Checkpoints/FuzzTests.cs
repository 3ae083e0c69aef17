using System.Diagnostics;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Storage;

namespace Sigma.Tests.Checkpoints;

/// <summary>Real checkpoints, damaged at random: every mutant is read or refused, quickly, and nothing else happens.</summary>
public sealed class FuzzTests : IDisposable
{
    static readonly string[] Names =
        ["checkpoint_pretrain.pth", "checkpoint_finetune.pth", "checkpoint_finetune_legacy.pth", "checkpoint_finetune_expected.safetensors"];

    readonly string path = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(path);

    [SkippableFact]
    [Trait("Category", "checkpoints")]
    public void Two_thousand_mutants_are_read_or_refused() => Run(2_000, 1);

    [SkippableFact]
    [Trait("Category", "long")]
    public void A_hundred_thousand_mutants_are_read_or_refused() => Run(100_000, 2);

    void Run(int count, int seed)
    {
        var corpus = Names.Select(n => Path.Combine(Fixtures.Folder, n)).Where(File.Exists).Select(File.ReadAllBytes).ToList();
        Skip.If(corpus.Count == 0, $"no checkpoint files in {Fixtures.Folder}");
        var random = new Random(seed);
        var (read, refused) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var original = corpus[i % corpus.Count];
            var mutant = Mutation.Of(original, corpus[random.Next(corpus.Count)], random);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            try
            {
                ReadAll(mutant);
                read++;
            }
            catch (CheckpointFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"mutant {i} of seed {seed} gave {e.GetType().Name}", e);
            }
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"mutant {i} of seed {seed} took {clock.Elapsed}");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 256 << 20, $"mutant {i} of seed {seed} took too much memory");
        }
        // Damage to elements is read, damage to structure is refused; a fuzzer that meets only one of them tests nothing.
        Assert.True(read > count / 100 && refused > count / 100, $"{read} read, {refused} refused");
    }

    void ReadAll(byte[] mutant)
    {
        using var file = FileKinds.Of(new MemoryBytes("mutant", mutant)) == FileKind.Safetensors
            ? OpenFile(mutant)
            : CheckpointFile.Open(new MemoryBytes("mutant", mutant));
        var left = 32L << 20;
        foreach (var tensor in file.Tensors.Values)
            if ((left -= tensor.ByteLength) >= 0) tensor.ReadContiguous();
    }

    CheckpointFile OpenFile(byte[] mutant)
    {
        File.WriteAllBytes(path, mutant);
        return CheckpointFile.Open(path);
    }
}
