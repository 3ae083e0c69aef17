using Sigma.Data;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Masking;

/// <summary>One clip as pre-training would draw it, with its motion and its mask, for a person to look at.</summary>
public sealed class InspectedClip
{
    private readonly MotionVectors vectors;
    private readonly bool mirrored;

    private InspectedClip(VideoInfo video, ClipRecipe clip, byte[] pixels, DrawnClip drawn)
    {
        Video = video;
        Clip = clip;
        Pixels = pixels;
        Frames = drawn.Frames;
        Mask = drawn.Mask;
        Motion = drawn.Motion!;
        vectors = drawn.Vectors!;
        mirrored = drawn.Mirrored;
    }

    /// <summary>Size, rate and codec of the video.</summary>
    public VideoInfo Video { get; }

    /// <summary>How the clip was cut out of the video.</summary>
    public ClipRecipe Clip { get; }

    /// <summary>[T, size, size, 3].</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>[T], which frames of the video these are, from 0.</summary>
    public IReadOnlyList<int> Frames { get; }

    /// <summary>The mask; of another kind than asked for where a motion-guided one met a clip without motion.</summary>
    public Mask Mask { get; }

    /// <summary>How far each tube moves, in pixels per frame added over the frames of the tube.</summary>
    public MotionGrid Motion { get; }

    /// <summary>True where block matching stood in for a codec whose decoder hands out no motion vectors.</summary>
    public bool FromBlockMatching => vectors.FromBlockMatching;

    /// <summary>Draws the clip that pre-training would draw first from this video.</summary>
    /// <param name="path">the video</param>
    /// <param name="recipe">clip, mask and seed</param>
    /// <exception cref="MediaException">the video cannot be read</exception>
    public static InspectedClip Read(string path, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        using var video = ClipReader.Open(path);
        var clip = recipe.Clip;
        var pixels = new byte[clip.Frames * clip.Size * clip.Size * 3];
        var drawn = new PretrainingClips(recipe).DrawWithMotion(video, new ClipKey(recipe.Seed, 0, 0, 0), pixels);
        return new(video.Info, clip, pixels, drawn);
    }

    /// <summary>Whether a frame of the clip has vectors: its own, or those of the frames passed over before it.</summary>
    internal bool HasVectors(int frame) => !vectors[frame].IsEmpty;

    /// <summary>
    /// The mean displacement per frame on a lattice of points over one slice: of all vectors whose block covers the point,
    /// weighted alike.
    /// </summary>
    /// <param name="slice">which slice</param>
    /// <param name="spacing">pixels between two points; the first lies half of that from the edge</param>
    /// <returns>[points, points] row by row; null where no block lies</returns>
    internal FlowPoint?[] Flow(int slice, int spacing)
    {
        var points = Clip.Size / spacing;
        var sums = new (float Dx, float Dy, int Count)[points * points];
        for (var frame = slice * Clip.TubeFrames; frame < (slice + 1) * Clip.TubeFrames; frame++)
            foreach (var v in vectors[frame])
            {
                var (x, dx) = mirrored ? (Clip.Size - v.X, -v.Dx) : (v.X, v.Dx);
                var (left, right) = Covered(x, v.Width);
                var (top, bottom) = Covered(v.Y, v.Height);
                for (var row = top; row <= bottom; row++)
                    for (var column = left; column <= right; column++)
                    {
                        ref var sum = ref sums[row * points + column];
                        sum = (sum.Dx + dx, sum.Dy + v.Dy, sum.Count + 1);
                    }
            }
        return [.. sums.Select(s => s.Count == 0 ? (FlowPoint?)null : new(s.Dx / s.Count, s.Dy / s.Count))];

        // Points between the edges of a block; none where it lies between two points or outside.
        (int First, int Last) Covered(float centre, float side) => (
            (int)Math.Clamp(Math.Ceiling((centre - side / 2) / spacing - 0.5), 0, points),
            (int)Math.Clamp(Math.Ceiling((centre + side / 2) / spacing - 0.5) - 1, -1, points - 1));
    }
}
