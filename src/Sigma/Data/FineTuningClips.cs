using System.Buffers;
using Sigma.Data.Augmentation;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Data;

/// <summary>
/// Draws the clips of fine-tuning: frames, RandAugment, crop, mirror, erasing, in the published order, each from its own stream of random numbers,
/// keyed by (seed, epoch, sample, repeat). Holds settings only, so that threads share it.
/// </summary>
internal sealed class FineTuningClips(FineTuneRecipe recipe)
{
    private readonly LabelledClipRecipe clip = recipe.Clip;
    private readonly AugmentationRecipe augmentation = recipe.Augmentation;
    private readonly RandAugment randAugment = new(recipe.Augmentation);

    /// <summary>Draws one clip.</summary>
    /// <param name="video">the sample's video</param>
    /// <param name="key">which clip of which sample in which epoch</param>
    /// <param name="pixels">[T, H, W, 3], receives the clip</param>
    /// <exception cref="MediaException">the video, or the part of it that was drawn, cannot be read</exception>
    public void Draw(ClipReader video, ClipKey key, Span<byte> pixels)
    {
        var crop = key.Stream(Purpose.Crop);
        var box = RandomResizedCrop.Draw(video.Info.Width, video.Info.Height, augmentation.CropArea, ref crop);
        var operations = key.Stream(Purpose.Augmentation);
        Read(video, key, box, randAugment.Draw(ref operations), pixels);

        if (augmentation.Flip && key.Stream(Purpose.Flip).NextDouble() < 0.5)
            Pixels.Mirror(pixels, clip.Size);

        var erasing = key.Stream(Purpose.Erasing);
        if (RandomErasing.Draw(clip.Size, augmentation.Erasing, ref erasing) is { } erased)
            RandomErasing.Fill(pixels, clip.Size, erased, ref erasing);
    }

    /// <summary>
    /// Reads a crop of a picture that RandAugment has worked on as a whole. The whole is read at the size at which the crop is
    /// as large as the clip, so that it is resized once, whatever the size of the video.
    /// </summary>
    /// <param name="video">the sample's video</param>
    /// <param name="key">which clip</param>
    /// <param name="box">the crop, pixels of the displayed picture</param>
    /// <param name="operations">what RandAugment drew</param>
    /// <param name="pixels">[T, H, W, 3], receives the clip</param>
    internal void Read(ClipReader video, ClipKey key, CropBox box, IReadOnlyList<AugmentationDraw> operations, Span<byte> pixels)
    {
        if (operations.Count == 0)
        {
            video.Read(count => Frames(count, key), box, clip.Size, pixels);
            return;
        }
        var shape = new FrameShape(Scaled(video.Info.Width, box.Width), Scaled(video.Info.Height, box.Height), box.Height / box.Width);
        var (left, top) = (Math.Min(Scaled(box.X, box.Width), shape.Width - clip.Size), Math.Min(Scaled(box.Y, box.Height), shape.Height - clip.Size));
        var buffer = ArrayPool<byte>.Shared.Rent(clip.Frames * shape.Bytes);
        try
        {
            var whole = buffer.AsSpan(0, clip.Frames * shape.Bytes);
            video.Read(count => Frames(count, key), null, shape.Width, shape.Height, whole);
            RandAugment.Apply(operations, whole, shape);
            var row = clip.Size * 3;
            for (var i = 0; i < clip.Frames * clip.Size; i++)
            {
                var (frame, y) = Math.DivRem(i, clip.Size);
                whole.Slice(frame * shape.Bytes + ((top + y) * shape.Width + left) * 3, row).CopyTo(pixels[(i * row)..]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A length of the displayed picture in pixels of the clip, where the crop's side becomes the clip's.</summary>
    private int Scaled(double length, double side) => (int)Math.Round(length * clip.Size / side);

    private int[] Frames(int count, ClipKey key)
    {
        var random = key.Stream(Purpose.Frames);
        return clip.Sampling == SamplingKind.Segments
            ? SegmentSampling.Training(count, clip.Frames, ref random)
            : FrameSampling.Validation(count, clip.Frames, clip.Stride, FrameSampling.DrawEnd(count, clip.Frames, clip.Stride, ref random));
    }
}
