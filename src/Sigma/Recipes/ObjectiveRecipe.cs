namespace Sigma.Recipes;

/// <summary>What the decoder predicts for a hidden tube.</summary>
public enum TargetKind
{
    /// <summary>The cluster of φ(the tube's pixels), φ trained jointly: SIGMA-MLP.</summary>
    Mlp,

    /// <summary>The tube's pixels: VideoMAE.</summary>
    Pixel,

    /// <summary>The cluster of a frozen DINO token: SIGMA-DINO.</summary>
    DinoV1,

    /// <summary>The cluster of a frozen DINOv2 token, its map resized to the clip's grid.</summary>
    DinoV2,

    /// <summary>φ's output itself, by mean squared error. Collapses; the paper's ablation.</summary>
    Features,
}

/// <summary>What an assignment is used as.</summary>
public enum AssignmentKind
{
    /// <summary>Its arg-max, as the published code does.</summary>
    Hard,

    /// <summary>The whole distribution, as the paper writes it.</summary>
    Soft,
}

/// <summary>The training objective (<c>objective:</c>).</summary>
public sealed record ObjectiveRecipe
{
    /// <summary>What the decoder predicts for a hidden tube. Default: mlp.</summary>
    public TargetKind Target { get; init; } = TargetKind.Mlp;

    /// <summary>
    /// Standardise the target: pixels per colour within a tube, DINO tokens per channel over a clip. Default and published: true.
    /// </summary>
    public bool NormaliseTarget { get; init; } = true;

    /// <summary>Prototypes K. Default and published code: 3000; the paper's best is 4000.</summary>
    public int Prototypes { get; init; } = 3000;

    /// <summary>Sinkhorn's ε, the weight of the entropy. Default: 0.05. Published: 0.03 for ViT-B on SSv2, else 0.05.</summary>
    public double Epsilon { get; init; } = 0.05;

    /// <summary>Sinkhorn's iterations. Default and published: 10.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>Divisor of the scores before the soft-max of the loss. Default and published: 0.1.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>What an assignment is used as. Default: hard, as the published code; soft is the paper's formula.</summary>
    public AssignmentKind Assignment { get; init; } = AssignmentKind.Hard;

    /// <summary>Let the decoder's scores train the prototypes too. Default and published: false.</summary>
    public bool SymmetricPrototypeGradient { get; init; }

    /// <summary>Widths of φ's layers (targets mlp and features), in channels. Default and published: [1024, 1024, 512, 256].</summary>
    public ValueList<int> Projection { get; init; } = [1024, 1024, 512, 256];

    /// <summary>
    /// The teacher's checkpoint file (targets dino-v1 and dino-v2); in a recipe relative to the recipe's folder, on the
    /// command line to the working folder. Default: none, to be given with <c>--set objective.teacher=PATH</c>.
    /// </summary>
    public string? Teacher { get; init; }

    /// <summary>
    /// Use the teacher's tokens that <c>sigma data teach</c> stored beside the list of videos, where there are any. Default: true.
    /// </summary>
    public bool StoredTokens { get; init; } = true;

    /// <summary>Whether a frozen teacher makes the targets.</summary>
    public bool NeedsTeacher => Target is TargetKind.DinoV1 or TargetKind.DinoV2;

    /// <summary>Whether φ makes the targets.</summary>
    public bool Projects => Target is TargetKind.Mlp or TargetKind.Features;

    /// <summary>Whether targets are assigned to prototypes.</summary>
    public bool Clusters => Target is TargetKind.Mlp || NeedsTeacher;

    internal void Check(Findings findings)
    {
        findings.When(
            Prototypes < 2,
            $"is {Prototypes}, but must be at least 2: one prototype would hold every tube (published: 3000)",
            "objective.prototypes");
        findings.Between("objective.prototypes", Math.Max(Prototypes, 2), 2, 10_000_000);
        findings.Positive("objective.epsilon", Epsilon);
        findings.Between("objective.iterations", Iterations, 1, 10_000);
        findings.Positive("objective.temperature", Temperature);
        findings.When(Projection.Count == 0, "is empty, but φ needs at least one layer", "objective.projection");
        findings.When(
            Projection.Any(width => width is < 1 or > 65536),
            $"is {Projection}, but every width must lie between 1 and 65536",
            "objective.projection");
    }
}
