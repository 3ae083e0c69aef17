using Sigma.Masking;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Data;

/// <summary>
/// Draws the clips of pre-training: frames, crop, mirror, colour and mask of a clip, each from its own stream of random
/// numbers, keyed by (seed, epoch, sample, repeat). Holds settings only, so that threads share it.
/// </summary>
internal sealed class PretrainingClips(Recipe recipe)
{
    private readonly ClipRecipe clip = recipe.Clip;
    private readonly MaskSampler masks = new(recipe.Mask, recipe.Clip);

    /// <summary>Draws one clip.</summary>
    /// <param name="video">the sample's video</param>
    /// <param name="key">which clip of which sample in which epoch</param>
    /// <param name="pixels">[T, H, W, 3], receives the clip</param>
    /// <returns>its mask, and what it was drawn from</returns>
    /// <exception cref="MediaException">the video, or the part of it that was drawn, cannot be read</exception>
    public DrawnClip Draw(ClipReader video, ClipKey key, Span<byte> pixels) =>
        Draw(video, key, pixels, masks.NeedsMotion ? new MotionVectors() : null);

    /// <summary>Draws the same clip, and reads its motion whatever the kind of the mask.</summary>
    /// <inheritdoc cref="Draw(ClipReader, ClipKey, Span{byte})"/>
    public DrawnClip DrawWithMotion(ClipReader video, ClipKey key, Span<byte> pixels) =>
        Draw(video, key, pixels, new MotionVectors());

    /// <summary>Lets the clips of several keys, which will be drawn next, be decoded together.</summary>
    /// <param name="video">the sample's video</param>
    /// <param name="keys">the clips</param>
    public void Announce(ClipReader video, IEnumerable<ClipKey> keys)
    {
        if (video.Frames > 0)
            video.Keep([.. keys.SelectMany(key => Frames(video.Frames, key, video.Info.Stride))]);
    }

    private DrawnClip Draw(ClipReader video, ClipKey key, Span<byte> pixels, MotionVectors? vectors)
    {
        var crop = Crop(video.Info, key);
        var frames = video.Read(count => Frames(count, key, video.Info.Stride), crop, clip.Size, pixels, vectors);

        var mirror = clip.Flip && key.Stream(Purpose.Flip).NextDouble() < 0.5;
        if (mirror)
            Pixels.Mirror(pixels, clip.Size);
        if (clip.GreyScale > 0 && key.Stream(Purpose.Grey).NextDouble() < clip.GreyScale)
            Pixels.Grey(pixels);

        var random = key.Stream(Purpose.Mask);
        var motion = vectors is null ? null : Motion(vectors, mirror);
        return new(masks.Draw(motion, ref random), frames, mirror, vectors, motion);
    }

    /// <summary>The clip's crop box in the displayed picture; null for all of it.</summary>
    private CropBox? Crop(VideoInfo info, ClipKey key)
    {
        if (clip.Crop == CropKind.Resize)
            return null;
        var random = key.Stream(Purpose.Crop);
        return MultiScaleCrop.Draw(info.Width, info.Height, clip.Size, ref random);
    }

    /// <summary>Which of the places of <c>clip.starts</c> a clip begins at; 0 where it may begin anywhere.</summary>
    public int StartOf(ClipKey key)
    {
        var random = key.Stream(Purpose.Frames);
        return clip.Starts is { } starts ? random.NextInt(starts) : 0;
    }

    /// <summary>Reads the clip at one of the places of <c>clip.starts</c>, whole frames and without a mask.</summary>
    /// <exception cref="MediaException">the video, or this part of it, cannot be read</exception>
    public void ReadAt(ClipReader video, int start, Span<byte> pixels) =>
        video.Read(count => FramesAt(count, start), null, clip.Size, pixels);

    private int[] FramesAt(int count, int start) => FrameSampling.Pretraining(
        count, clip.Frames, clip.Stride, FrameSampling.OffsetOf(count, clip.Frames, clip.Stride, start, clip.Starts ?? 1));

    private int[] Frames(int count, ClipKey key, int packedStride)
    {
        if (clip.Starts is not null)
            return FramesAt(count, StartOf(key));
        var random = key.Stream(Purpose.Frames);
        var offset = FrameSampling.DrawOffset(count, clip.Frames, clip.Stride, ref random, packedStride);
        return FrameSampling.Pretraining(count, clip.Frames, clip.Stride, offset);
    }

    private MotionGrid Motion(MotionVectors vectors, bool mirror)
    {
        var motion = MotionGrid.FromVectors(
            masks.Grid, clip.Frames, clip.Size, clip.Size, frame => vectors[frame], recipe.Mask.SubtractMedian);
        return mirror ? motion.Mirrored() : motion;
    }
}

/// <summary>What was drawn for a clip beside its pixels.</summary>
/// <param name="Mask">its mask</param>
/// <param name="Frames">[T], the frames of the video</param>
/// <param name="Mirrored">whether it was mirrored left to right after reading</param>
/// <param name="Vectors">the motion vectors, not mirrored, in pixels of the clip; null where nobody wanted them</param>
/// <param name="Motion">the motion of its tubes; null where nobody wanted it</param>
internal sealed record DrawnClip(Mask Mask, int[] Frames, bool Mirrored, MotionVectors? Vectors, MotionGrid? Motion);
