using System.CommandLine;
using Sigma.Evaluation.Prototypes;
using Sigma.Masking;

namespace Sigma.Cli;

/// <summary><c>sigma inspect assignments RUN VIDEO …</c>: which prototype every tube of a clip belongs to.</summary>
internal static class InspectAssignmentsCommand
{
    private const int Told = 5;

    public static Command Create()
    {
        var checkpoint = InspectCommand.Run();
        var video = InspectCommand.Video();
        var seed = new Option<long?>("--seed") { HelpName = "N", Description = "draws another clip of the video (else the one that the run would draw first)" };
        var output = CommonOptions.File("--out", "the picture (PNG): a row a slice, with the frame, and its tubes in the colours of their prototypes");
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("assignments", "Shows which prototype every tube of a clip belongs to.") { checkpoint, video, seed, output, device, json };
        command.SetAction(arguments =>
        {
            var path = arguments.GetValue(video)!;
            InspectCommand.RequireOwnNames(path, arguments.GetValue(output), arguments.GetValue(json));
            var wanted = CommonOptions.AtLeast(0, seed, arguments);
            using var network = PrototypeNetwork.Load(arguments.GetValue(checkpoint)!, CommonOptions.Device(arguments.GetValue(device)!));
            var recipe = network.Recipe;
            var found = new ClipAssignments(InspectedClip.Read(path, recipe with { Seed = wanted ?? recipe.Seed }), network);
            Show(found, network.Count);
            if (arguments.GetValue(output) is { } picture)
                new AssignmentPicture(found).Write(picture);
            if (arguments.GetValue(json) is { } facts)
                JsonFile.Write(facts, Facts(found, network.Count));
            return 0;
        });
        return command;
    }

    private static void Show(ClipAssignments found, int all)
    {
        var (clip, grid, counts) = (found.Clip, found.Clip.Mask.Grid, found.Counts);
        Console.WriteLine($"video       {clip.Video.Path}: {clip.Video.Codec}, {clip.Video.Width}×{clip.Video.Height}");
        Console.WriteLine($"frames      {string.Join(' ', clip.Frames)}");
        Console.WriteLine(FormattableString.Invariant($"prototypes  {counts.Count} of {all} have the {grid.Tubes} tubes ({grid.Slices} slices of {grid.Rows}×{grid.Columns})"));
        foreach (var (prototype, tubes) in counts.Take(Told))
            Console.WriteLine(FormattableString.Invariant($"{prototype,10}  {tubes} tubes, {100.0 * tubes / grid.Tubes:0.0} %"));
        if (counts.Count > Told)
            Console.WriteLine(FormattableString.Invariant($"            {counts.Count - Told} others have the rest"));
    }

    private static object Facts(ClipAssignments found, int all)
    {
        var grid = found.Clip.Mask.Grid;
        return new
        {
            video = found.Clip.Video.Path,
            found.Clip.Frames,
            prototypes = all,
            grid = (int[])[grid.Slices, grid.Rows, grid.Columns],
            slices = Enumerable.Range(0, grid.Slices).Select(slice => found.Slice(slice).ToArray().Chunk(grid.Columns).ToArray()).ToArray(),
            counts = found.Counts.Select(count => new { count.Prototype, count.Tubes }),
        };
    }
}
