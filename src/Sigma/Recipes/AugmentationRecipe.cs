namespace Sigma.Recipes;

/// <summary>
/// How clips and labels are varied in fine-tuning (<c>augmentation:</c>). The defaults are the published ones, RandAugment's
/// <c>rand-m7-n4-mstd0.5-inc1</c> among them.
/// </summary>
public sealed record AugmentationRecipe
{
    /// <summary>
    /// Least share of the picture that a random crop keeps; its area is uniform from here to 1, its aspect from 3/4 to 4/3.
    /// Default and published: 0.25.
    /// </summary>
    public double CropArea { get; init; } = 0.25;

    /// <summary>Mirror a clip half the time. Default: false. Published: true on K400, false on SSv2 (its labels know left from right).</summary>
    public bool Flip { get; init; }

    /// <summary>RandAugment's operations on a clip, each carried out half the time; 0 for none. Default and published: 4.</summary>
    public int RandAugment { get; init; } = 4;

    /// <summary>RandAugment's mean magnitude, of 10. Default and published: 7.</summary>
    public double Magnitude { get; init; } = 7;

    /// <summary>Deviation of the magnitude from operation to operation. Default and published: 0.5.</summary>
    public double MagnitudeDeviation { get; init; } = 0.5;

    /// <summary>Probability that a box of a clip is erased through all its frames. Default and published: 0.25.</summary>
    public double Erasing { get; init; } = 0.25;

    /// <summary>α of mixup: its share is drawn from Beta(α, α); 0 for no mixup. Default and published: 0.8.</summary>
    public double Mixup { get; init; } = 0.8;

    /// <summary>α of cutmix; 0 for no cutmix. Default and published: 1.</summary>
    public double Cutmix { get; init; } = 1;

    /// <summary>Where there are both, the share of batches that get cutmix. Default and published: 0.5.</summary>
    public double CutmixShare { get; init; } = 0.5;

    /// <summary>Share of a label that is spread evenly over all classes. Default and published: 0.1.</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Clips drawn from one opened video, each augmented by itself (repeated augmentation). Default: 1. Published: 1 or 2.</summary>
    public int Repeats { get; init; } = 1;

    internal void Check(Findings findings)
    {
        findings.When(
            !(CropArea is > 0 and <= 1),
            $"is {Findings.Text(CropArea)}, but must be greater than 0 and at most 1 (1 for as much as an aspect from 3/4 to 4/3 allows)",
            "augmentation.cropArea");
        findings.Between("augmentation.randAugment", RandAugment, 0, 100);
        findings.Between("augmentation.magnitude", Magnitude, 0, 10);
        findings.Between("augmentation.magnitudeDeviation", MagnitudeDeviation, 0, 10);
        findings.Between("augmentation.erasing", Erasing, 0, 1);
        findings.Between("augmentation.mixup", Mixup, 0, 1000);
        findings.Between("augmentation.cutmix", Cutmix, 0, 1000);
        findings.Between("augmentation.cutmixShare", CutmixShare, 0, 1);
        findings.When(
            !(LabelSmoothing is >= 0 and < 1), $"is {Findings.Text(LabelSmoothing)}, but must be at least 0 and less than 1",
            "augmentation.labelSmoothing");
        findings.Between("augmentation.repeats", Repeats, 1, 1024);
    }
}
