using System.CommandLine;
using Sigma.Data;
using Sigma.Evaluation.Prototypes;

namespace Sigma.Cli;

/// <summary><c>sigma inspect prototypes RUN --data PATH …</c>: what the prototypes of a run stand for.</summary>
internal static class InspectPrototypesCommand
{
    private const int Told = 5;

    public static Command Create()
    {
        var checkpoint = InspectCommand.Run();
        var data = CommonOptions.Data();
        var videos = new Option<int>("--videos") { HelpName = "N", DefaultValueFactory = _ => 200, Description = "how many videos of the list to look at, evenly spread over it" };
        var output = CommonOptions.File("--out", "the picture (PNG): a row for each of the most used prototypes, with the tubes nearest to it");
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("prototypes", "Shows what the prototypes of a run stand for.") { checkpoint, data, videos, output, device, json };
        command.SetAction(arguments =>
        {
            var some = CommonOptions.AtLeast(1, videos, arguments);
            using var signals = new StopSignals();
            using var network = PrototypeNetwork.Load(arguments.GetValue(checkpoint)!, CommonOptions.Device(arguments.GetValue(device)!));
            var all = Manifest.Load(arguments.GetValue(data)!);
            var looked = all.Select([.. Enumerable.Range(0, Math.Min(some, all.Count)).Select(i => (int)((long)i * all.Count / Math.Min(some, all.Count)))]);
            var examples = new PrototypeExamples(network, PrototypePicture.Columns);
            var unreadable = examples.Add(looked, signals.Token);
            foreach (var video in unreadable.List)
                Console.Error.WriteLine($"left out, cannot be read: {video.Path}: {video.Reason}");
            Show(examples, looked.Count - unreadable.Count, network.Count);
            if (arguments.GetValue(output) is { } picture)
                new PrototypePicture(examples).Write(picture);
            if (arguments.GetValue(json) is { } facts)
                JsonFile.Write(facts, Facts(examples, looked.Count - unreadable.Count, network.Count));
            return 0;
        });
        return command;
    }

    private static void Show(PrototypeExamples examples, int videos, int all)
    {
        Console.WriteLine(FormattableString.Invariant($"prototypes  {examples.Used} of {all} have the {examples.Tubes} tubes of {videos} videos"));
        Console.WriteLine(FormattableString.Invariant($"entropy     {examples.Entropy:0.000} of their use; 1 were all alike"));
        foreach (var (prototype, tubes, nearest) in examples.Prototypes.Take(Told))
            Console.WriteLine(FormattableString.Invariant($"{prototype,10}  {100.0 * tubes / examples.Tubes:0.0} %, nearest in {nearest[0].Video}, frame {nearest[0].Frame}"));
    }

    private static object Facts(PrototypeExamples examples, int videos, int all) => new
    {
        prototypes = all,
        videos,
        examples.Tubes,
        examples.Used,
        examples.Entropy,
        counts = examples.Prototypes.Select(p => new
        {
            p.Prototype,
            p.Tubes,
            examples = p.Examples.Select(e => new { e.Video, e.Frame, e.Row, e.Column, e.Cosine }),
        }),
    };
}
