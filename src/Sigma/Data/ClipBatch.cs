using Sigma.Torch;

namespace Sigma.Data;

/// <summary>
/// A micro-batch of clips with their masks. Its tensors are lent: they are good until it is disposed, whatever scope is
/// open, and then serve another batch.
/// </summary>
public sealed class ClipBatch : IDisposable
{
    private readonly ClipMemory memory;
    private readonly Action<ClipMemory> giveBack;
    private int disposed;

    internal ClipBatch(ClipMemory memory, Action<ClipMemory> giveBack)
    {
        (this.memory, this.giveBack) = (memory, giveBack);
        Samples = [.. memory.Samples];
    }

    /// <summary>[B, T, H, W, 3] UInt8, RGB.</summary>
    public Tensor Clips => memory.Clips;

    /// <summary>[B, N − M] Int64, indices of the visible tubes, rising.</summary>
    public Tensor Visible => memory.Visible;

    /// <summary>[B, M] Int64, indices of the hidden tubes, rising.</summary>
    public Tensor Hidden => memory.Hidden;

    /// <summary>[B, N, D] Float16, a teacher's tokens that were made ahead; null where none are stored.</summary>
    public Tensor? Tokens => memory.Tokens;

    /// <summary>[B], manifest indices of the videos the clips are from; stand-ins for unreadable ones included.</summary>
    public IReadOnlyList<int> Samples { get; }

    /// <summary>Gives the tensors back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            giveBack(memory);
    }
}
