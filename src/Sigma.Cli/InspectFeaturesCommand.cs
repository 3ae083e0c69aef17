using System.CommandLine;
using Sigma.Evaluation.Frozen;
using Sigma.Evaluation.Inspection;

namespace Sigma.Cli;

/// <summary><c>sigma inspect features CHECKPOINT VIDEO …</c>: what the encoder makes of every tube of a clip.</summary>
internal static class InspectFeaturesCommand
{
    private const double MostVariance = 0.9;

    public static Command Create()
    {
        var options = new EncoderOptions();
        var video = InspectCommand.Video();
        var output = CommonOptions.File("--out", "the picture (PNG): a row a slice, with the frame, and its tubes in the colours of their tokens");
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("features", "Shows what the encoder makes of every tube of a clip.") { options.Checkpoint, video };
        foreach (var option in (Option[])[.. options.OfClip, output, device, json])
            command.Add(option);
        command.SetAction(arguments =>
        {
            var path = arguments.GetValue(video)!;
            InspectCommand.RequireOwnNames(path, arguments.GetValue(output), arguments.GetValue(json));
            var place = CommonOptions.Device(arguments.GetValue(device)!);
            using var encoder = options.Load(arguments);
            encoder.MoveTo(place);
            var features = ClipFeatures.Read(path, encoder, place);
            Show(features);
            if (arguments.GetValue(output) is { } picture)
                new FeaturePicture(features).Write(picture);
            if (arguments.GetValue(json) is { } facts)
                JsonFile.Write(facts, Facts(features, encoder));
            return 0;
        });
        return command;
    }

    private static void Show(ClipFeatures features)
    {
        var grid = features.Grid;
        Console.WriteLine($"video     {features.Video.Path}: {features.Video.Codec}, {features.Video.Width}×{features.Video.Height}");
        Console.WriteLine($"frames    {string.Join(' ', features.Frames)}");
        Console.WriteLine(FormattableString.Invariant($"tokens    {grid.Tubes} of {features.Width} numbers ({grid.Slices} slices of {grid.Rows}×{grid.Columns})"));
        Console.WriteLine(FormattableString.Invariant($"rank      {features.Rank:0.0} of at most {Math.Min(features.Width, grid.Tubes)} (RankMe)"));
        Console.WriteLine(FormattableString.Invariant($"variance  {string.Join(", ", features.Shares.Take(ClipFeatures.Kept).Select(ResultTable.Percent))} % in the first {ClipFeatures.Kept} components; 90 % in the first {features.ComponentsFor(MostVariance)}"));
        Console.WriteLine($"cosine    {Cosine(features.CosineBeside)} of tubes side by side, {Cosine(features.CosineNextSlice)} of those that follow in time, {Cosine(features.CosineAny)} of any two");
    }

    private static string Cosine(double? cosine) => cosine is { } known ? FormattableString.Invariant($"{known:0.000}") : "(none)";

    private static object Facts(ClipFeatures features, FrozenEncoder encoder)
    {
        var grid = features.Grid;
        return new
        {
            checkpoint = encoder.Path,
            checkpointHash = encoder.Hash,
            video = features.Video.Path,
            features.Frames,
            features.Size,
            grid = (int[])[grid.Slices, grid.Rows, grid.Columns],
            features.Width,
            features.Rank,
            shares = features.Shares,
            components90 = features.ComponentsFor(MostVariance),
            features.CosineBeside,
            features.CosineNextSlice,
            features.CosineAny,
        };
    }
}
