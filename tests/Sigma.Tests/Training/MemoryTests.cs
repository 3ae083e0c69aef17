using System.Diagnostics;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Tests.Training;

/// <summary>Tests that measure what the whole process uses, so nothing else may run beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Trait("Category", "training")]
[Collection(nameof(Alone))]
public sealed class MemoryTests
{
    [Fact]
    public void Five_hundred_steps_leave_tensors_and_memory_where_step_fifty_had_them()
    {
        using var files = new TinyRun(videos: 1);
        var recipe = Recipe.Load(files.Recipe);
        using var model = new MaskedVideoModel(recipe, 0, 1);
        using var step = new PretrainStep(recipe, model, new PixelTarget(recipe.Clip.TubeValues, true), Device.Cpu);
        using var scope = new TensorScope();
        var clips = F.Zeros([4, 4, 32, 32, 3], ScalarType.UInt8);
        var all = F.Arange(32);
        var (visible, hidden) = (Rows(F.Narrow(all, 0, 0, 8)), Rows(F.Narrow(all, 0, 8, 24)));
        var (tensors, bytes) = (0L, 0L);
        for (var i = 1; i <= 500; i++)
        {
            using (new TensorScope())
            {
                step.Accumulate(clips, visible, hidden);
                step.Update(1e-3);
            }
            if (i == 50)
                (tensors, bytes) = (Tensor.LiveCount, Memory());
        }
        Assert.Equal(tensors, Tensor.LiveCount);
        Assert.InRange(Memory() - bytes, long.MinValue, 20L << 20);
    }

    private static Tensor Rows(Tensor index) => F.Contiguous(F.Expand(F.Unsqueeze(index, 0), 4, -1));

    private static long Memory()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
