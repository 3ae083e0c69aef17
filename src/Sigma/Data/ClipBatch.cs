using Sigma.Torch;

namespace Sigma.Data;

/// <summary>
/// A micro-batch of clips with their masks. Its tensors are lent: they are good until it is disposed, whatever scope is
/// open, and then serve another batch.
/// </summary>
public sealed class ClipBatch : IDisposable
{
    private readonly Action<ClipBatch> giveBack;
    private int disposed;

    internal ClipBatch(ClipMemory memory, int clips, Action<ClipBatch> giveBack)
    {
        Memory = memory;
        this.giveBack = giveBack;
        SampleOfClip = new int[clips];
        Motionless = new bool[clips];
    }

    /// <summary>[B, T, H, W, 3] UInt8, RGB.</summary>
    public Tensor Clips => Memory.Clips;

    /// <summary>[B, N − M] Int64, indices of the visible tubes, rising.</summary>
    public Tensor Visible => Memory.Visible;

    /// <summary>[B, M] Int64, indices of the hidden tubes, rising.</summary>
    public Tensor Hidden => Memory.Hidden;

    /// <summary>[B, N, D] Float16, a teacher's tokens that were made ahead; null where none are stored.</summary>
    public Tensor? Tokens => Memory.Tokens;

    /// <summary>[B], manifest indices of the videos the clips are from; stand-ins for unreadable ones included.</summary>
    public IReadOnlyList<int> Samples => SampleOfClip;

    internal ClipMemory Memory { get; }

    internal int[] SampleOfClip { get; }

    /// <summary>[B], true where a motion-guided mask found no motion and fell back.</summary>
    internal bool[] Motionless { get; }

    /// <summary>Gives the tensors back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            giveBack(this);
    }
}
