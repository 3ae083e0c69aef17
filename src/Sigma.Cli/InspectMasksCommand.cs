using System.CommandLine;
using System.Globalization;
using Sigma.Masking;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary><c>sigma inspect masks VIDEO --mask KIND …</c>: frames, motion vectors and masks of one clip.</summary>
internal static class InspectMasksCommand
{
    // As published for ViT-S on K400: 16 frames, every fourth, of 224×224 pixels.
    private const string UsualClip = "videomae-vits-k400";

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
        var video = new Argument<string>("video") { Description = "any video file" };
        var mask = new Option<string>("--mask") { HelpName = "KIND", Description = $"which tubes are hidden: {string.Join(", ", Kinds.Keys)}; without it, the recipe's kind" };
        mask.TakesOneOf([.. Kinds.Keys]);
        var ratio = new Option<double?>("--ratio") { HelpName = "R", Description = "share of the tubes that is hidden (the recipe's; else 0.9, and 0.75 for motion-guided)" };
        var seed = new Option<long>("--seed") { HelpName = "N", Description = "the same seed draws the same clip and mask" };
        var recipe = new Option<string?>("--recipe") { Description = "draws the clip as this recipe's run would (else 16 frames, every fourth, the whole picture at 224×224)" };
        var output = CommonOptions.File("--out", "the picture, a PNG: a row a slice, with frame, motion vectors and mask");
        var json = CommonOptions.Json();
        var command = new Command("masks", "Shows frames, motion vectors and masks of one clip side by side.") { video, mask, ratio, seed, recipe, output, json };
        command.SetAction(arguments =>
        {
            var path = arguments.GetValue(video)!;
            var settings = Settings(arguments.GetValue(recipe), arguments.GetValue(mask), arguments.GetValue(ratio), CommonOptions.AtLeast(0, seed, arguments));
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

    private static Recipe Settings(string? recipe, string? mask, double? ratio, long seed)
    {
        if (ratio is { } share && share is not (> 0 and < 1))
            throw new BadInputException(FormattableString.Invariant($"--ratio is {share}, but must be greater than 0 and less than 1: a mask hides something and leaves something to see"));
        if (recipe is null && mask is null)
            throw new BadInputException($"give --mask ({string.Join(", ", Kinds.Keys)}), or a --recipe that has one");
        List<string> overrides = [string.Create(CultureInfo.InvariantCulture, $"seed={seed}")];
        if (recipe is null)
        {
            overrides.Add("clip.crop=resize");
            ratio ??= mask == "motion-guided" ? 0.75 : 0.9;
        }
        if (mask is not null)
            overrides.Add($"mask.kind={mask}");
        if (ratio is { } hidden)
            overrides.Add(string.Create(CultureInfo.InvariantCulture, $"mask.ratio={hidden}"));
        return Recipe.Load(ShippedRecipes.Find(recipe ?? UsualClip), overrides);
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
