using System.CommandLine;
using Sigma.Masking;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary><c>sigma inspect masks VIDEO --mask KIND …</c>: frames, motion vectors and masks of one clip.</summary>
internal static class InspectMasksCommand
{
    private static readonly Dictionary<string, MaskKind> Kinds = new()
    {
        ["tube"] = MaskKind.Tube,
        ["random"] = MaskKind.Random,
        ["frame"] = MaskKind.Frame,
        ["simulated-motion"] = MaskKind.SimulatedMotion,
        ["motion-guided"] = MaskKind.MotionGuided,
    };

    public static Command Create()
    {
        var video = InspectCommand.Video();
        var mask = new Option<string>("--mask") { HelpName = "KIND", Description = $"which tubes are hidden: {string.Join(", ", Kinds.Keys)}; without it, the recipe's kind" };
        mask.TakesOneOf([.. Kinds.Keys]);
        var drawn = new DrawnClipOptions();
        var output = CommonOptions.File("--out", "the picture, a PNG: a row a slice, with frame, motion vectors and mask");
        var json = CommonOptions.Json();
        var command = new Command("masks", "Shows frames, motion vectors and masks of one clip side by side.") { video, mask };
        foreach (var option in (Option[])[.. drawn.All, output, json])
            command.Add(option);
        command.SetAction(arguments =>
        {
            var path = arguments.GetValue(video)!;
            var kind = arguments.GetValue(mask);
            if (kind is null && !drawn.HasRecipe(arguments))
                throw new BadInputException($"give --mask ({string.Join(", ", Kinds.Keys)}), or a --recipe that has one");
            var settings = drawn.Settings(arguments, kind);
            InspectCommand.RequireOwnNames(path, arguments.GetValue(output), arguments.GetValue(json));
            var clip = InspectedClip.Read(path, settings);
            Show(clip, settings);
            if (arguments.GetValue(output) is { } picture)
                new MaskPicture(clip).Write(picture);
            if (arguments.GetValue(json) is { } facts)
                JsonFile.Write(facts, MaskFacts.Of(clip, settings));
            return 0;
        });
        return command;
    }

    private static void Show(InspectedClip clip, Recipe settings)
    {
        var (grid, mask, video) = (clip.Mask.Grid, clip.Mask, clip.Video);
        Console.WriteLine($"video    {video.Path}: {video.Codec}, {video.Width}×{video.Height}");
        Console.WriteLine($"frames   {string.Join(' ', clip.Frames)}");
        Console.WriteLine(FormattableString.Invariant($"mask     {Name(settings.Mask.Kind)}, ratio {settings.Mask.Ratio}: {mask.HiddenCount} of {grid.Tubes} tubes hidden ({grid.Slices} slices of {grid.Rows}×{grid.Columns})"));
        if (mask.Kind != settings.Mask.Kind)
            Console.WriteLine($"         nothing moves in this clip, so it got a {Name(mask.Kind)} mask");
        Console.WriteLine(clip.FromBlockMatching
            ? $"motion   searched between the frames by block matching: the decoder of {video.Codec} hands out no motion vectors"
            : "motion   the codec's motion vectors");
        for (var slice = 0; slice < grid.Slices; slice++)
        {
            var motion = clip.Motion.Slice(slice).ToArray();
            var box = mask.Boxes is { } boxes ? FormattableString.Invariant($", box {boxes[slice].Height}×{boxes[slice].Width} at row {boxes[slice].Row}, column {boxes[slice].Column}") : "";
            Console.WriteLine(FormattableString.Invariant($"slice {slice}  {mask.Slice(slice).Count(true)} hidden{box}, motion {motion.Average():0.00} pixels a cell, at most {motion.Max():0.00}"));
        }
    }

    internal static string Name(MaskKind kind) => Kinds.First(pair => pair.Value == kind).Key;
}
