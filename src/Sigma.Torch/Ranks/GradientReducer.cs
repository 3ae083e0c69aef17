namespace Sigma.Torch;

/// <summary>What the reduction of one update's gradients took on this rank.</summary>
/// <param name="Bytes">Gradients handed to the group.</param>
/// <param name="Busy">How long at least one bucket was under way.</param>
/// <param name="Exposed">How long was waited after backward had ended; the rest was hidden behind it.</param>
public readonly record struct ReductionFigures(long Bytes, TimeSpan Busy, TimeSpan Exposed);

/// <summary>
/// Averages gradients over the ranks in buckets while backward still runs: as soon as the gradients of a bucket are all
/// there, in native code, it leaves (Li et al. 2020, PyTorch Distributed). Gradients are views of the buckets, so nothing is copied.
/// </summary>
public sealed unsafe class GradientReducer : IDisposable
{
    private const long MostBucketBytes = 25 << 20;
    private const long LeastBucketBytes = 256 << 10;

    /// <summary>Below so many buckets there is little that could be hidden.</summary>
    private const int FewBuckets = 8;

    private readonly ProcessGroup group;
    private readonly IntPtr handle;

    /// <summary>Takes over the gradients of these parameters.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="parameters">Trained tensors of one type on one device, in the order of the forward pass.</param>
    public GradientReducer(ProcessGroup group, IReadOnlyList<Tensor> parameters)
    {
        this.group = group;
        var bytes = parameters.Sum(p => p.Elements * p.Type.Size());
        IntPtr[] handles = [.. parameters.Select(p => p.Handle)];
        fixed (IntPtr* pointer = handles)
            Native.Check(
                RankNative.st_reducer_create(group.Handle, pointer, handles.Length, Math.Clamp(bytes / FewBuckets, LeastBucketBytes, MostBucketBytes), out handle),
                "reducer of gradients");
    }

    /// <summary>
    /// Before every backward. The first of an update starts its gradients from zero; with the last one they leave. What lies
    /// between only adds up here and needs no communication.
    /// </summary>
    public void Begin(bool first, bool last) => Native.Check(RankNative.st_reducer_begin(handle, first ? 1 : 0, last ? 1 : 0), "reducer: begin");

    /// <summary>After the last backward: waits until every gradient is the mean over the ranks.</summary>
    public ReductionFigures Finish()
    {
        group.Check(RankNative.st_reducer_finish(handle, out var figures), "all-reduce of gradients");
        return new(figures.Bytes, TimeSpan.FromTicks(figures.BusyNanos / 100), TimeSpan.FromTicks(figures.ExposedNanos / 100));
    }

    /// <summary>Lets go of the parameters; before the group is left.</summary>
    public void Dispose() => RankNative.st_reducer_free(handle);
}
