using Sigma.Masking;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary>What <c>sigma inspect motion --json</c> writes.</summary>
/// <param name="Vectors"><c>codec</c>, <c>block-matching</c> or <c>none</c>.</param>
/// <param name="Packed">The stride that the file was packed for; 1 for other files.</param>
/// <param name="Covered">Share of the picture over which a block with a vector lies.</param>
/// <param name="Median">Of the motion there, pixels of the clip per frame of the video; null without vectors.</param>
/// <param name="Percentile95">95 % of it moves less, likewise.</param>
/// <param name="FullColour">The motion at which the picture's colours are full, likewise; 0 where nothing moves.</param>
/// <param name="FramesWithout">Frames of the video that have no vectors.</param>
/// <param name="Slices">Covered, median and percentile of every slice.</param>
/// <param name="Mask">What <c>inspect masks --json</c> writes of the same clip and mask.</param>
internal sealed record MotionFacts(
    string Vectors, int Packed, double Covered, double? Median, double? Percentile95, double FullColour,
    IReadOnlyList<int> FramesWithout, IReadOnlyList<MotionFigures> Slices, MaskFacts Mask)
{
    public static MotionFacts Of(ClipMotion motion, Recipe recipe)
    {
        var figures = motion.Figures();
        return new(
            motion.Source switch { MotionSource.None => "none", MotionSource.BlockMatching => "block-matching", _ => "codec" },
            motion.Clip.Video.Stride, figures.Covered, figures.Median, figures.Percentile95, motion.FullColour, motion.FramesWithout,
            [.. Enumerable.Range(0, motion.Clip.Mask.Grid.Slices).Select(motion.Figures)], MaskFacts.Of(motion.Clip, recipe));
    }
}
