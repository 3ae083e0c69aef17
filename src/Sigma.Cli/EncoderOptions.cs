using System.CommandLine;
using Sigma.Data;
using Sigma.Evaluation.Frozen;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary>What every use of a frozen encoder takes: a checkpoint, the clips and views of a video, and where features are kept.</summary>
internal sealed class EncoderOptions
{
    private readonly Option<int> segments = new("--segments") { HelpName = "S", DefaultValueFactory = _ => 1, Description = "clips along the time of a video" };
    private readonly Option<int> crops = new("--crops") { HelpName = "C", DefaultValueFactory = _ => 1, Description = "squares along the longer side of the picture" };
    private readonly Option<int?> frames = new("--frames") { HelpName = "T", Description = "frames of a clip (else those it was trained on; 16)" };
    private readonly Option<int?> stride = new("--stride") { HelpName = "N", Description = "frames from one to the next (else those it was trained on; 4)" };
    private readonly Option<int?> size = new("--size") { HelpName = "PIXELS", Description = "height and width of a clip (else those it was trained on; 224)" };
    private readonly Option<string?> sampling = new("--sampling") { HelpName = "dense|segments", Description = "dense: frames a stride apart; segments: one frame of each of T equal parts of the video (else those it was trained on; dense)" };
    private readonly Option<string> cache = new("--cache") { HelpName = "DIR", DefaultValueFactory = _ => FeatureStore.UsualRoot, Description = "where features are kept" };

    public EncoderOptions() => sampling.TakesOneOf("dense", "segments");

    /// <summary>The weights.</summary>
    public Argument<string> Checkpoint { get; } = new("checkpoint") { Description = "a run's folder, one of its checkpoints, or a file of weights (.pth, .safetensors)" };

    /// <summary>What the weights do not tell, where they have no recipe beside them.</summary>
    public Option<string?> Recipe { get; } = RecipeOption();

    /// <summary>All options, in the order of the help.</summary>
    public Option[] All => [segments, crops, .. OfClip, cache];

    /// <summary>Those that tell what a single clip is.</summary>
    public Option[] OfClip => [frames, stride, size, sampling, Recipe];

    /// <summary>An option for the recipe of weights that have none beside them.</summary>
    public static Option<string?> RecipeOption() => new("--recipe") { Description = "the pre-training recipe of weights that have none beside them" };

    /// <summary>The encoder, on the clips that were asked for.</summary>
    /// <exception cref="BadInputException">There are no such weights, or they cannot read such clips.</exception>
    public FrozenEncoder Load(ParseResult arguments) => FrozenEncoder.Load(
        arguments.GetValue(Checkpoint)!,
        RecipeNamed(arguments.GetValue(Recipe)),
        clip => clip with
        {
            Frames = arguments.GetValue(frames) ?? clip.Frames,
            Stride = arguments.GetValue(stride) ?? clip.Stride,
            Size = arguments.GetValue(size) ?? clip.Size,
            Sampling = arguments.GetValue(sampling) switch { "dense" => SamplingKind.Dense, "segments" => SamplingKind.Segments, _ => clip.Sampling },
        });

    /// <summary>A recipe by its name or file; null without.</summary>
    public static Recipe? RecipeNamed(string? name) => name is null ? null : Recipes.Recipe.Load(ShippedRecipes.Find(name));

    /// <summary>The views of every video.</summary>
    /// <exception cref="BadInputException">There are none.</exception>
    public TestViews Views(ParseResult arguments, FrozenEncoder encoder) =>
        new(encoder.Clip, CommonOptions.AtLeast(1, segments, arguments), CommonOptions.AtLeast(1, crops, arguments));

    /// <summary>Where features are kept.</summary>
    public FeatureStore Store(ParseResult arguments, TextWriter? progress) => new(arguments.GetValue(cache)!, progress);
}
