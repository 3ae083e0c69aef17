using Sigma.Data.Augmentation;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Data;

/// <summary>
/// Draws the clips of fine-tuning: frames, crop, mirror, RandAugment, erasing, each from its own stream of random numbers,
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
        video.Read(count => Frames(count, key), box, clip.Size, pixels);

        if (augmentation.Flip && key.Stream(Purpose.Flip).NextDouble() < 0.5)
            Pixels.Mirror(pixels, clip.Size);

        var operations = key.Stream(Purpose.Augmentation);
        RandAugment.Apply(randAugment.Draw(ref operations), pixels, clip.Size);

        var erasing = key.Stream(Purpose.Erasing);
        if (RandomErasing.Draw(clip.Size, augmentation.Erasing, ref erasing) is { } erased)
            RandomErasing.Fill(pixels, clip.Size, erased, ref erasing);
    }

    private int[] Frames(int count, ClipKey key)
    {
        var random = key.Stream(Purpose.Frames);
        return clip.Sampling == SamplingKind.Segments
            ? SegmentSampling.Training(count, clip.Frames, ref random)
            : FrameSampling.Validation(count, clip.Frames, clip.Stride, FrameSampling.DrawEnd(count, clip.Frames, clip.Stride, ref random));
    }
}
