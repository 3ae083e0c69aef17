using System.Runtime.InteropServices;
using Sigma.Media.Native;

namespace Sigma.Media;

/// <summary>The motion of one block of a frame, in pixels of the output picture (after rotation, crop and resize).</summary>
/// <param name="X">Centre of the block, from the left edge; may lie outside for blocks that stick in.</param>
/// <param name="Y">Centre of the block, from the top edge.</param>
/// <param name="Width">Width of the block.</param>
/// <param name="Height">Height of the block.</param>
/// <param name="Dx">Displacement per frame to the right, forward in time.</param>
/// <param name="Dy">Displacement per frame downwards, forward in time.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct MotionVector(float X, float Y, float Width, float Height, float Dx, float Dy);

/// <summary>
/// Receives the motion found on the way by <see cref="VideoReader.Read"/>; may be used again for the next call.
/// </summary>
/// <remarks>
/// The vectors are those of the codec where its decoder hands them out (H.264, MPEG-1/2/4, H.263 and kin). FFmpeg tells
/// whether a block comes from the past or the future but not from which frame, so the temporal distance is taken to the
/// nearest frame on that side that the block's frame may refer to: exact unless an encoder used several references.
/// Blocks of B-frames with two references give two vectors. Intra-coded blocks give none. For other codecs the vectors
/// are searched between the requested frames, see <see cref="FromBlockMatching"/>.
/// </remarks>
public sealed class MotionVectors
{
    private MotionVector[] vectors = [];
    private int[] offsets = [0];

    /// <summary>Number of requested frames.</summary>
    public int Count => offsets.Length - 1;

    /// <summary>True where block matching between the requested frames stood in for a codec that exports no vectors.</summary>
    public bool FromBlockMatching { get; private set; }

    /// <summary>
    /// The vectors of all frames after the next lower requested frame up to the <paramref name="i"/>-th requested one. The
    /// lowest requested frame has its own vectors only (none from block matching).
    /// </summary>
    public ReadOnlySpan<MotionVector> this[int i] => vectors.AsSpan(offsets[i]..offsets[i + 1]);

    internal unsafe void Take(in NativeMotion motion, int count)
    {
        FromBlockMatching = motion.FromBlockMatching != 0;
        if (offsets.Length != count + 1)
            offsets = new int[count + 1];
        for (int i = 0; i <= count; i++)
            offsets[i] = checked((int)motion.Offsets[i]);
        int total = offsets[count];
        if (vectors.Length < total)
            vectors = new MotionVector[Math.Max(total, 2 * vectors.Length)];
        new ReadOnlySpan<MotionVector>(motion.Vectors, total).CopyTo(vectors);
    }
}
