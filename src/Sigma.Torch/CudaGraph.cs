namespace Sigma.Torch;

/// <summary>
/// Work of a GPU, written down once and launched again as a whole: one call instead of one an operator, always on the same
/// memory.
/// </summary>
public sealed class CudaGraph : IDisposable
{
    private IntPtr handle;

    private CudaGraph(IntPtr handle) => this.handle = handle;

    /// <summary>Whether this engine was built with CUDA's headers, which graphs need.</summary>
    public static bool Available { get; } = Native.st_has_graphs() != 0;

    /// <summary>
    /// Writes down what the work asks of the device; nothing of it is computed yet. It must not wait for the device, nor move
    /// anything to or from main memory, and should have run before, so that libraries are loaded and have chosen their
    /// algorithms. Tensors that it made and kept hold their values after each <see cref="Launch"/>.
    /// </summary>
    /// <exception cref="TorchException">Something of it cannot be recorded; the thread then works as before.</exception>
    public static CudaGraph Record(Device device, Action work)
    {
        Native.Check(Native.st_graph_record(device.Index, out var handle), "record a CUDA graph");
        var graph = new CudaGraph(handle);
        try
        {
            work();
        }
        catch
        {
            _ = Native.st_graph_recorded(handle);
            graph.Dispose();
            throw;
        }
        if (Native.st_graph_recorded(handle) == 0)
            return graph;
        var message = Native.LastError();
        graph.Dispose();
        throw new TorchException("record a CUDA graph", message);
    }

    /// <summary>Computes all of it; the host does not wait.</summary>
    public void Launch()
    {
        ObjectDisposedException.ThrowIf(handle == IntPtr.Zero, this);
        Native.Check(Native.st_graph_launch(handle), "launch a CUDA graph");
    }

    /// <summary>Frees the recording; its memory goes back when the tensors made in it are gone too.</summary>
    public void Dispose()
    {
        Native.st_graph_free(handle);
        handle = IntPtr.Zero;
    }
}
