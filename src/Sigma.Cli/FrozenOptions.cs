using System.CommandLine;
using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Evaluation.Frozen;

namespace Sigma.Cli;

/// <summary>What all evaluations of frozen features take: a checkpoint, two lists, the views, and where features are kept.</summary>
internal sealed class FrozenOptions
{
    private readonly EncoderOptions network = new();
    private readonly Option<string> data = CommonOptions.Data();
    private readonly Option<string> validation = new("--val") { Required = true, Description = "labelled validation videos, in the same forms" };
    private readonly Option<long> seed = new("--seed") { HelpName = "N", Description = "of the probe and of the intervals" };
    private readonly Option<string> device = CommonOptions.DeviceName();
    private readonly Option<string?> json = CommonOptions.Json();

    /// <summary>A command with these options and its own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="kind">The features it needs.</param>
    /// <param name="own">Its own options.</param>
    /// <param name="choose">Reads its own options and the seed, and tells what to do.</param>
    public Command Command(
        string name, string description, FeatureKind kind, Option[] own,
        Func<ParseResult, long, Func<FrozenEvaluation, CancellationToken, EvaluationResult>> choose)
    {
        data.Description = "labelled training videos or pictures: a folder with a sub-folder for each class, a list of path and label, or a CSV with a header";
        var command = new Command(name, description) { network.Checkpoint, data, validation };
        foreach (var option in (Option[])[.. own, .. network.All, seed, device, json])
            command.Add(option);
        command.SetAction(arguments => CommonOptions.OnRanks(arguments.GetValue(device)!, (ranks, place) =>
        {
            var evaluate = choose(arguments, arguments.GetValue(seed));
            using var signals = new StopSignals();
            using var encoder = network.Load(arguments);
            var progress = ranks.IsFirst ? Console.Error : null;
            var evaluation = new FrozenEvaluation(Task(arguments, encoder, place), network.Store(arguments, progress), progress);
            if (ranks.Count > 1)
            {
                evaluation.Prepare(kind, ranks, signals.Token);
                // Rank 0 goes on alone, and nobody waits for it.
                ranks.Dispose();
                if (!ranks.IsFirst)
                    return 0;
            }
            var result = evaluate(evaluation, signals.Token);
            ResultTable.Show(result);
            if (arguments.GetValue(json) is { } file)
                result.Write(file);
            return 0;
        }));
        return command;
    }

    private FrozenTask Task(ParseResult arguments, FrozenEncoder encoder, Torch.Device place)
    {
        var train = Manifest.Load(arguments.GetValue(data)!, labels: true, pictures: true);
        var dataset = arguments.GetValue(validation)!;
        return new(
            encoder, arguments.GetValue(network.Checkpoint)!, train, Manifest.Load(dataset, labels: true, train.Classes, pictures: true), dataset,
            network.Views(arguments, encoder), place, arguments.GetValue(seed));
    }
}
