using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Data;

/// <summary>A micro-batch of clips with their classes, in main memory, written clip by clip from several threads.</summary>
internal sealed class LabelledBatch : IDisposable
{
    private readonly int clipBytes;

    /// <summary>Sets memory aside; whatever scope is open does not own it.</summary>
    /// <param name="clip">shape of a clip</param>
    /// <param name="clips">how many</param>
    /// <param name="destination">where they will be sent</param>
    public LabelledBatch(LabelledClipRecipe clip, int clips, Device destination)
    {
        clipBytes = checked(clip.Frames * clip.Size * clip.Size * 3);
        Clips = Tensor.EmptyToSend([clips, clip.Frames, clip.Size, clip.Size, 3], ScalarType.UInt8, destination).KeepForever();
        Labels = new int[clips];
        Keys = new ClipKey[clips];
    }

    /// <summary>[B, T, H, W, 3] UInt8, RGB.</summary>
    public Tensor Clips { get; }

    /// <summary>[B], indices of classes.</summary>
    public int[] Labels { get; }

    /// <summary>[B], what each clip's random draws follow from.</summary>
    public ClipKey[] Keys { get; }

    /// <summary>[T, H, W, 3], the pixels of one clip.</summary>
    public Span<byte> Pixels(int clip) => Clips.Data<byte>((long)clip * clipBytes, clipBytes);

    /// <summary>Frees the clips.</summary>
    public void Dispose() => Clips.Dispose();
}
