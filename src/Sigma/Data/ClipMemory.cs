using Sigma.Recipes;
using Sigma.Targets;
using Sigma.Torch;

namespace Sigma.Data;

/// <summary>The tensors of one micro-batch, in main memory, written clip by clip from several threads.</summary>
internal sealed class ClipMemory : IDisposable
{
    private readonly int clipBytes;
    private readonly int visible;
    private readonly int hidden;

    /// <summary>Sets memory aside; whatever scope is open does not own it.</summary>
    /// <param name="recipe">shape of clips and masks</param>
    /// <param name="clips">how many</param>
    /// <param name="stored">a teacher's tokens that come with the clips; null where there are none</param>
    /// <param name="destination">where they will be sent</param>
    public ClipMemory(Recipe recipe, int clips, StoredTokens? stored, Device destination)
    {
        var clip = recipe.Clip;
        clipBytes = checked(clip.Frames * clip.Size * clip.Size * 3);
        hidden = recipe.Mask.HiddenTubes(clip);
        visible = clip.Tubes - hidden;
        Clips = Tensor.EmptyToSend([clips, clip.Frames, clip.Size, clip.Size, 3], ScalarType.UInt8, destination).KeepForever();
        Visible = Tensor.Empty([clips, visible], ScalarType.Int64).KeepForever();
        Hidden = Tensor.Empty([clips, hidden], ScalarType.Int64).KeepForever();
        Samples = new int[clips];
        Motionless = new bool[clips];
        Searched = new bool[clips];
        if (stored is not null)
            Tokens = Tensor.EmptyToSend([clips, stored.Tubes, stored.Width], ScalarType.Float16, destination).KeepForever();
    }

    /// <summary>[B, T, H, W, 3] UInt8.</summary>
    public Tensor Clips { get; }

    /// <summary>[B, N − M] Int64.</summary>
    public Tensor Visible { get; }

    /// <summary>[B, M] Int64.</summary>
    public Tensor Hidden { get; }

    /// <summary>[B, N, D] Float16, a teacher's tokens; null where none are stored.</summary>
    public Tensor? Tokens { get; }

    /// <summary>[B], manifest indices of the videos the clips are from.</summary>
    public int[] Samples { get; }

    /// <summary>[B], true where a motion-guided mask found no motion and fell back.</summary>
    public bool[] Motionless { get; }

    /// <summary>[B], true where block matching searched for the motion, which the codec does not hand out.</summary>
    public bool[] Searched { get; }

    /// <summary>[T, H, W, 3], the pixels of one clip.</summary>
    public Span<byte> Pixels(int clip) => Clips.Data<byte>((long)clip * clipBytes, clipBytes);

    /// <summary>Writes the tubes one clip's mask leaves visible and hides.</summary>
    /// <param name="clip">which clip</param>
    /// <param name="cells">[N], true = hidden</param>
    public void SetMask(int clip, ReadOnlySpan<bool> cells)
    {
        var visibleTubes = Visible.Data<long>((long)clip * visible, visible);
        var hiddenTubes = Hidden.Data<long>((long)clip * hidden, hidden);
        var (v, h) = (0, 0);
        for (var tube = 0; tube < cells.Length; tube++)
        {
            if (cells[tube])
                hiddenTubes[h++] = tube;
            else
                visibleTubes[v++] = tube;
        }
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Clips.Dispose();
        Visible.Dispose();
        Hidden.Dispose();
        Tokens?.Dispose();
    }
}
