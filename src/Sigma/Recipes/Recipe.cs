namespace Sigma.Recipes;

/// <summary>
/// All settings of a pre-training run, read from one YAML file. Unchangeable; two recipes with the same values are equal.
/// <c>docs/recipes.md</c> lists every key.
/// </summary>
public sealed record Recipe
{
    /// <summary>The network.</summary>
    public ModelRecipe Model { get; init; } = new();

    /// <summary>What is read from a video and how it is cut into tubes.</summary>
    public ClipRecipe Clip { get; init; } = new();

    /// <summary>Which tubes are hidden.</summary>
    public MaskRecipe Mask { get; init; } = new();

    /// <summary>What is predicted for a hidden tube, and the loss.</summary>
    public ObjectiveRecipe Objective { get; init; } = new();

    /// <summary>AdamW, its schedule and its batch.</summary>
    public OptimizerRecipe Optimizer { get; init; } = new();

    /// <summary>In what numbers the networks compute. Default: float32. Published: fp16.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>How the videos are read.</summary>
    public DataRecipe Data { get; init; } = new();

    /// <summary>When the run saves itself.</summary>
    public CheckpointRecipe Checkpoint { get; init; } = new();

    /// <summary>What the run does about its own health.</summary>
    public HealthRecipe Health { get; init; } = new();

    /// <summary>Every random draw of the run follows from it. Default and published: 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Reads a recipe: the files it extends first, then its own values, then <paramref name="overrides"/>.
    /// </summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Values from the command line, each <c>key=value</c>; the last one for a key wins.</param>
    /// <exception cref="RecipeException">
    /// A file is missing or no recipe, or a key or value is wrong; carries every problem found.
    /// </exception>
    public static Recipe Load(string path, IEnumerable<string>? overrides = null) =>
        new RecipeLoader(path, RecipeSchema.Pretraining).Load(
            overrides ?? [], size => new Recipe { Model = ModelRecipe.Of(size) }, recipe => recipe.Check());

    /// <summary>Numbers that the decoder predicts for a hidden tube.</summary>
    /// <param name="teacherWidth">Numbers of a teacher's token; ignored by the targets made from pixels.</param>
    public int PredictedNumbers(int teacherWidth) => Objective switch
    {
        { Projects: true } => Objective.Projection[^1],
        { NeedsTeacher: true } => teacherWidth,
        _ => Clip.TubeValues,
    };

    /// <summary>The whole recipe with every value written out; it loads to a recipe equal to this one.</summary>
    public string ToYaml() => RecipeWriter.Write(this, RecipeSchema.Pretraining);

    /// <summary>
    /// Refuses a recipe that is sound but cannot be run as it stands: published recipes with a DINO target come without
    /// their teacher's checkpoint, which the user has to name.
    /// </summary>
    /// <param name="source">The recipe's file, for the message.</param>
    /// <exception cref="RecipeException">The teacher is not given, or there is no such file.</exception>
    public void RequireRunnable(string source)
    {
        const string key = "objective.teacher";
        if (!Objective.NeedsTeacher)
            return;
        var target = RecipeValue.Write(Objective.Target);
        if (Objective.Teacher is not { } teacher)
        {
            throw new RecipeException(source, [new(source, null, key,
                $"is not given, but objective.target {target} needs the checkpoint of its teacher: --set {key}=PATH")]);
        }
        if (!File.Exists(teacher))
        {
            throw new RecipeException(source, [new(source, null, key,
                $"is {teacher}, but there is no such file: name the checkpoint of the {target} teacher with --set {key}=PATH")]);
        }
    }

    internal IReadOnlyList<Finding> Check()
    {
        var findings = new Findings();
        Model.Check(findings, Clip);
        var clipIsSound = Clip.Check(findings);
        if (Mask.Check(findings) && clipIsSound)
            Mask.CheckAgainst(Clip, findings);
        Objective.Check(findings);
        Optimizer.Check(findings, Clip.Repeats, "clip.repeats");
        Data.Check(findings);
        findings.When(
            Data.Decoder == VideoDecoder.Nvdec && Mask.Kind == MaskKind.MotionGuided,
            "is nvdec, but mask.kind motion-guided reads motion vectors, which the CPU's decoders alone hand out: give data.decoder cpu",
            "data.decoder", "mask.kind");
        Checkpoint.Check(findings);
        findings.AtLeast("seed", Seed, 0);
        return findings.All;
    }
}
