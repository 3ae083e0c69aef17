using System.Diagnostics;
using Sigma.Data;
using Sigma.Torch;

namespace Sigma.Tests.Data;

/// <summary>Counts the tensors of the whole program, so no other test may make any meanwhile.</summary>
[Trait("Category", "data")]
[Collection(nameof(Training.Alone))]
public sealed class ClipMemoryTests : IDisposable
{
    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Tensors_outlive_the_scope_they_were_got_in_and_no_more_are_made_as_time_goes_by()
    {
        files.RenderSome(4);
        using var loader = new ClipLoader(Manifest.Load(files.Folder), ClipFiles.Recipe(), workers: 3);
        ClipBatch kept;
        using (new TensorScope())
            kept = loader.Next(default);
        var before = kept.Clips.ToArray<byte>();
        loader.Next(default).Dispose();
        Assert.Equal(before, kept.Clips.ToArray<byte>());
        kept.Dispose();
        var live = Tensor.LiveCount;
        for (var i = 0; i < 40; i++)
            loader.Next(default).Dispose();
        Assert.InRange(Tensor.LiveCount, 1, live);
    }

    [Fact]
    public void Disposing_frees_all_tensors_also_those_still_lent()
    {
        files.RenderSome(4);
        var live = Tensor.LiveCount;
        var loader = new ClipLoader(Manifest.Load(files.Folder), ClipFiles.Recipe(), workers: 2);
        var lent = new[] { loader.Next(default), loader.Next(default), loader.Next(default) };
        var clock = Stopwatch.StartNew();
        loader.Dispose();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5));
        foreach (var batch in lent)
            batch.Dispose();
        Assert.Equal(live, Tensor.LiveCount);
        Assert.Throws<ObjectDisposedException>(() => loader.Next(default));
    }

    [Fact]
    public void Evaluation_frees_each_batch_also_where_it_is_left_early()
    {
        files.RenderSome(9);
        files.WriteText("video 03.mp4", "no video");
        var live = Tensor.LiveCount;
        var clips = new EvaluationClips(Manifest.Load(files.Folder), ClipFiles.Recipe().Clip, batch: 2, workers: 2);
        Assert.Equal(8, clips.Read().Sum(batch => batch.Samples.Length));
        Assert.Equal(live, Tensor.LiveCount);
        Assert.Equal([0, 1], clips.Read().First().Samples);
        Assert.Equal(live, Tensor.LiveCount);
    }
}
