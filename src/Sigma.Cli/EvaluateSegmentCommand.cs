using System.CommandLine;
using Sigma.Evaluation.Segmentation;

namespace Sigma.Cli;

/// <summary><c>sigma evaluate segment CHECKPOINT --data ROOT --set NAME --protocol NAME</c>: objects found by frozen features.</summary>
internal static class EvaluateSegmentCommand
{
    private const int MostClusters = 255;

    private static readonly Dictionary<string, SegmentationProtocol> Protocols = new()
    {
        ["clustering"] = SegmentationProtocol.Clustering,
        ["overclustering"] = SegmentationProtocol.OverClustering,
    };

    public static Command Create()
    {
        var checkpoint = new Argument<string>("checkpoint") { Description = "a run's folder, one of its checkpoints, or a file of weights (.safetensors, .pth)" };
        var data = new Option<string>("--data") { Required = true, HelpName = "ROOT", Description = "the folder the data set was unpacked in" };
        var set = new Option<string>("--set") { HelpName = "NAME", DefaultValueFactory = _ => SegmentationSet.All[0].Name, Description = $"the data set: {string.Join(", ", SegmentationSet.All.Select(s => s.Name))}" };
        set.TakesOneOf([.. SegmentationSet.All.Select(s => s.Name)]);
        var split = new Option<string?>("--split") { HelpName = "NAME", Description = $"its split ({string.Join(", ", SegmentationSet.All.Select(s => $"{s.Name}: {s.Split}"))})" };
        var protocol = new Option<string>("--protocol") { HelpName = "NAME", DefaultValueFactory = _ => "clustering", Description = "clustering (as many clusters as objects, matched one to one) or overclustering (ten, each given to the object it lies in most)" };
        protocol.TakesOneOf([.. Protocols.Keys]);
        var clusters = new Option<int?>("--clusters") { HelpName = "K", Description = "clusters a clip (the number of its objects, or 10)" };
        var size = new Option<int?>("--size") { HelpName = "PIXELS", Description = "height and width at which the network sees the frames (its own; positions are resampled for others)" };
        var recipe = EncoderOptions.RecipeOption();
        var seed = new Option<long>("--seed") { HelpName = "N", Description = "of k-means and of the intervals" };
        var output = new Option<string?>("--out") { HelpName = "DIR", Description = "a new folder for a picture and a video of each clip: frames, true objects, found objects" };
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("segment", "Cuts videos into objects by clustering frozen features, and scores them.") { checkpoint, data, set, split, protocol, clusters, size, recipe, seed, output, device, json };
        command.SetAction(arguments => CommonOptions.OnRanks(arguments.GetValue(device)!, (ranks, place) =>
        {
            if (arguments.GetValue(clusters) is { } count && count is < 1 or > MostClusters)
                throw new BadInputException($"--clusters is {count}, but must be from 1 to {MostClusters}");
            var chosen = SegmentationSet.All.First(s => s.Name == arguments.GetValue(set));
            using var signals = new StopSignals();
            using var made = ranks.IsFirst && arguments.GetValue(output) is { } folder ? new NewOutput(folder) : null;
            var result = SegmentationEvaluation.Run(
                new()
                {
                    Checkpoint = arguments.GetValue(checkpoint)!,
                    Recipe = EncoderOptions.RecipeNamed(arguments.GetValue(recipe)),
                    Set = chosen,
                    Root = arguments.GetValue(data)!,
                    Split = arguments.GetValue(split) ?? chosen.Split,
                    Protocol = Protocols[arguments.GetValue(protocol)!],
                    Clusters = arguments.GetValue(clusters),
                    InputSize = arguments.GetValue(size),
                    Seed = arguments.GetValue(seed),
                    Device = place,
                    Ranks = ranks,
                    Overlays = ranks.Gather(made?.Path ?? "")[0] is { Length: > 0 } overlays ? overlays : null,
                },
                Show, signals.Token);
            if (ranks.IsFirst)
            {
                made?.Finish();
                ResultTable.Show(result);
                if (arguments.GetValue(json) is { } target)
                    result.Write(target);
            }
            ranks.Barrier();
            return 0;
        }));
        return command;
    }

    private static void Show(ClipProgress clip) => Console.Error.WriteLine(FormattableString.Invariant(
        $"{clip.Done}/{clip.Clips} {clip.Name}: {clip.Objects} objects, mIoU {100 * clip.MeanIou:0.0} %, {clip.Seconds:0.0} s"));
}
