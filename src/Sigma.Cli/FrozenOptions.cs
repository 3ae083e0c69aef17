using System.CommandLine;
using Sigma.Data;
using Sigma.Evaluation;
using Sigma.Evaluation.Frozen;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary>What all evaluations of frozen features take: a checkpoint, two lists, the views, and where features are kept.</summary>
internal sealed class FrozenOptions
{
    private readonly Argument<string> checkpoint = new("checkpoint") { Description = "a run's folder, one of its checkpoints, or a file of weights (.pth, .safetensors)" };
    private readonly Option<string> data = CommonOptions.Data();
    private readonly Option<string> validation = new("--val") { Required = true, Description = "labelled validation videos, in the same forms" };
    private readonly Option<int> segments = new("--segments") { HelpName = "S", DefaultValueFactory = _ => 1, Description = "clips along the time of a video" };
    private readonly Option<int> crops = new("--crops") { HelpName = "C", DefaultValueFactory = _ => 1, Description = "squares along the longer side of the picture" };
    private readonly Option<int?> frames = new("--frames") { HelpName = "T", Description = "frames of a clip (else those it was trained on; 16)" };
    private readonly Option<int?> stride = new("--stride") { HelpName = "N", Description = "frames from one to the next (else those it was trained on; 4)" };
    private readonly Option<int?> size = new("--size") { HelpName = "PIXELS", Description = "height and width of a clip (else those it was trained on; 224)" };
    private readonly Option<string?> sampling = new("--sampling") { HelpName = "dense|segments", Description = "dense: frames a stride apart; segments: one frame of each of T equal parts of the video (else those it was trained on; dense)" };
    private readonly Option<string?> recipe = new("--recipe") { Description = "the pre-training recipe of weights that have none beside them" };
    private readonly Option<string> cache = new("--cache") { HelpName = "DIR", DefaultValueFactory = _ => FeatureStore.UsualRoot, Description = "where features are kept" };
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
        sampling.AcceptOnlyFromAmong("dense", "segments");
        var command = new Command(name, description) { checkpoint, data, validation };
        foreach (var option in (Option[])[.. own, segments, crops, frames, stride, size, sampling, recipe, cache, seed, device, json])
            command.Add(option);
        command.SetAction(arguments => CommonOptions.OnRanks(arguments.GetValue(device)!, (ranks, place) =>
        {
            var evaluate = choose(arguments, arguments.GetValue(seed));
            using var signals = new StopSignals();
            using var encoder = Load(arguments);
            var progress = ranks.IsFirst ? Console.Error : null;
            var evaluation = new FrozenEvaluation(Task(arguments, encoder, place), new FeatureStore(arguments.GetValue(cache)!, progress), progress);
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
        var views = new TestViews(encoder.Clip, Positive(segments, arguments), Positive(crops, arguments));
        return new(
            encoder, arguments.GetValue(checkpoint)!, train, Manifest.Load(dataset, labels: true, train.Classes, pictures: true), dataset, views,
            place, arguments.GetValue(seed));
    }

    /// <summary>The value of an option that counts something.</summary>
    /// <exception cref="BadInputException">It is less than 1.</exception>
    public static int Positive(Option<int> option, ParseResult arguments) => arguments.GetValue(option) is >= 1 and var value
        ? value
        : throw new BadInputException(FormattableString.Invariant($"{option.Name} is {arguments.GetValue(option)}, but must be at least 1"));

    private FrozenEncoder Load(ParseResult arguments) => FrozenEncoder.Load(
        arguments.GetValue(checkpoint)!,
        arguments.GetValue(recipe) is { } name ? Recipe.Load(ShippedRecipes.Find(name)) : null,
        clip => clip with
        {
            Frames = arguments.GetValue(frames) ?? clip.Frames,
            Stride = arguments.GetValue(stride) ?? clip.Stride,
            Size = arguments.GetValue(size) ?? clip.Size,
            Sampling = arguments.GetValue(sampling) switch { "dense" => SamplingKind.Dense, "segments" => SamplingKind.Segments, _ => clip.Sampling },
        });
}
