namespace Sigma.Recipes;

/// <summary>
/// All settings of a fine-tuning run, read from one YAML file. Unchangeable; two recipes with the same values are equal.
/// <c>docs/recipes.md</c> lists every key.
/// </summary>
public sealed record FineTuneRecipe
{
    /// <summary>The encoder.</summary>
    public EncoderRecipe Model { get; init; } = new();

    /// <summary>What is read from a video and how it is cut into tubes.</summary>
    public LabelledClipRecipe Clip { get; init; } = new();

    /// <summary>How clips and labels are varied.</summary>
    public AugmentationRecipe Augmentation { get; init; } = new();

    /// <summary>Rates and dropped paths by layers.</summary>
    public LayersRecipe Layers { get; init; } = new();

    /// <summary>AdamW, its schedule and its batch, with fine-tuning's published values.</summary>
    public OptimizerRecipe Optimizer { get; init; } = new()
    {
        Lr = 1e-3,
        FinalLr = 1e-6,
        Betas = [0.9, 0.999],
        Batch = 32,
        Epochs = 100,
        WarmupEpochs = 5,
    };

    /// <summary>The multi-view test at the end.</summary>
    public ViewsRecipe Views { get; init; } = new();

    /// <summary>In what numbers the network computes. Default: float32. Published: fp16.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>How the videos are read.</summary>
    public DataRecipe Data { get; init; } = new();

    /// <summary>When the run saves itself.</summary>
    public CheckpointRecipe Checkpoint { get; init; } = new();

    /// <summary>Every random draw of the run follows from it. Default and published: 0.</summary>
    public long Seed { get; init; }

    /// <summary>Reads a recipe: the files it extends first, then its own values, then <paramref name="overrides"/>.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Values from the command line, each <c>key=value</c>; the last one for a key wins.</param>
    /// <exception cref="RecipeException">
    /// A file is missing or no recipe, or a key or value is wrong; carries every problem found.
    /// </exception>
    public static FineTuneRecipe Load(string path, IEnumerable<string>? overrides = null) =>
        new RecipeLoader(path, RecipeSchema.FineTuning).Load(
            overrides ?? [], size => new FineTuneRecipe { Model = EncoderRecipe.Of(size) }, recipe => recipe.Check());

    /// <summary>Whether the resolved recipe in a run's folder is one of fine-tuning.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool IsAt(string resolved) =>
        File.ReadLines(resolved).Any(line => line.StartsWith("augmentation:", StringComparison.Ordinal));

    /// <summary>The whole recipe with every value written out; it loads to a recipe equal to this one.</summary>
    public string ToYaml() => RecipeWriter.Write(this, RecipeSchema.FineTuning);

    internal IReadOnlyList<Finding> Check()
    {
        var findings = new Findings();
        Model.Check(findings, Clip);
        Clip.Check(findings);
        Augmentation.Check(findings);
        Layers.Check(findings);
        Optimizer.Check(findings, Augmentation.Repeats, "augmentation.repeats");
        Views.Check(findings);
        Data.Check(findings);
        Checkpoint.Check(findings);
        findings.AtLeast("seed", Seed, 0);
        return findings.All;
    }
}
