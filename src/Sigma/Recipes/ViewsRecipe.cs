namespace Sigma.Recipes;

/// <summary>The multi-view test at the end of fine-tuning (<c>views:</c>).</summary>
public sealed record ViewsRecipe
{
    /// <summary>Clips along the time of a video. Default and published on K400: 5; published on SSv2: 2.</summary>
    public int Segments { get; init; } = 5;

    /// <summary>Squares along the longer side of the picture. Default and published: 3.</summary>
    public int Crops { get; init; } = 3;

    internal void Check(Findings findings)
    {
        findings.Between("views.segments", Segments, 1, 1024);
        findings.Between("views.crops", Crops, 1, 1024);
    }
}
