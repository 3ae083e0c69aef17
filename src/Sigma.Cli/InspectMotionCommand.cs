using System.CommandLine;
using Sigma.Masking;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary><c>sigma inspect motion VIDEO …</c>: what the motion vectors of a clip say, and the mask they lead to.</summary>
internal static class InspectMotionCommand
{
    public static Command Create()
    {
        var video = InspectCommand.Video();
        var drawn = new DrawnClipOptions();
        var output = CommonOptions.File("--out", "the picture, a PNG: a row a slice, with frame, motion in colours, motion of the tubes, and mask");
        var json = CommonOptions.Json();
        var command = new Command("motion", "Shows what the motion vectors of a clip say, and the motion-guided mask they lead to.") { video };
        foreach (var option in (Option[])[.. drawn.All, output, json])
            command.Add(option);
        command.SetAction(arguments =>
        {
            var path = arguments.GetValue(video)!;
            InspectCommand.RequireOwnNames(path, arguments.GetValue(output), arguments.GetValue(json));
            var settings = drawn.Settings(arguments, "motion-guided");
            var motion = new ClipMotion(InspectedClip.Read(path, settings));
            Show(motion, settings);
            if (arguments.GetValue(output) is { } picture)
                new MotionPicture(motion).Write(picture);
            if (arguments.GetValue(json) is { } facts)
                JsonFile.Write(facts, MotionFacts.Of(motion, settings));
            return 0;
        });
        return command;
    }

    private static void Show(ClipMotion motion, Recipe settings)
    {
        var (clip, grid, figures) = (motion.Clip, motion.Clip.Mask.Grid, motion.Figures());
        Console.WriteLine($"video    {clip.Video.Path}: {clip.Video.Codec}, {clip.Video.Width}×{clip.Video.Height}");
        Console.WriteLine($"frames   {string.Join(' ', clip.Frames)}");
        foreach (var line in Vectors(motion, figures))
            Console.WriteLine(line);
        if (figures.Median is not null)
            Console.WriteLine(FormattableString.Invariant($"motion   median {figures.Median:0.00}, 95th percentile {figures.Percentile95:0.00} pixels a frame; colours are full at {motion.FullColour:0.00}"));
        Console.WriteLine(FormattableString.Invariant($"mask     {InspectMasksCommand.Name(clip.Mask.Kind)}, ratio {settings.Mask.Ratio}{(settings.Mask.SubtractMedian ? ", of motion less the median of each frame" : "")}: {clip.Mask.HiddenCount} of {grid.Tubes} tubes hidden ({grid.Slices} slices of {grid.Rows}×{grid.Columns})"));
        if (clip.Mask.Kind != MaskKind.MotionGuided && motion.Source != MotionSource.None)
            Console.WriteLine("         nothing moves in this clip, so a motion-guided mask becomes a simulated-motion one");
        for (var slice = 0; slice < grid.Slices; slice++)
            Console.WriteLine(Slice(motion, slice));
    }

    private static IEnumerable<string> Vectors(ClipMotion motion, MotionFigures figures)
    {
        var codec = motion.Clip.Video.Codec;
        switch (motion.Source)
        {
            case MotionSource.None:
                yield return $"vectors  none: every frame that was read is coded on its own, as by cameras and cutting programs ({codec}, intra-only)";
                yield return "         so nothing tells what moves, and a motion-guided mask becomes a simulated-motion one; sigma data pack rewrites videos with vectors";
                yield break;
            case MotionSource.BlockMatching:
                yield return FormattableString.Invariant($"vectors  searched between the frames by block matching, over {100 * figures.Covered:0.0} % of the picture: the decoder of {codec} hands out none");
                yield return "         so masks cost more time than with the codec's own; sigma data pack rewrites videos with vectors";
                break;
            default:
                yield return FormattableString.Invariant($"vectors  the codec's, over {100 * figures.Covered:0.0} % of the picture{(motion.Clip.Video.Stride > 1 ? FormattableString.Invariant($"; packed for stride {motion.Clip.Video.Stride}") : "")}");
                break;
        }
        if (motion.FramesWithout.Count > 0)
            yield return $"         frames without: {string.Join(' ', motion.FramesWithout)} ({(motion.Source == MotionSource.Codec ? "coded on their own, as key frames are" : "there is none before it")}); the motion of a neighbour stands for theirs";
    }

    private static string Slice(ClipMotion motion, int slice)
    {
        var (figures, most) = (motion.Figures(slice), motion.Clip.Motion.Slice(slice).ToArray().Max());
        var box = motion.Clip.Mask.Boxes is { } boxes ? FormattableString.Invariant($"; box {boxes[slice].Height}×{boxes[slice].Width} at row {boxes[slice].Row}, column {boxes[slice].Column}") : "";
        var known = figures.Median is null ? "no vectors" : FormattableString.Invariant($"vectors over {100 * figures.Covered:0.0} %, median {figures.Median:0.00}, 95th percentile {figures.Percentile95:0.00}");
        return FormattableString.Invariant($"slice {slice}  {known}, fastest tube {most:0.00}{box}");
    }
}
