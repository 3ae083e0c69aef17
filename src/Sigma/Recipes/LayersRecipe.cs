namespace Sigma.Recipes;

/// <summary>What fine-tuning does by layers (<c>layers:</c>).</summary>
public sealed record LayersRecipe
{
    /// <summary>
    /// Each layer's rate is this times the rate of the layer above it; the head has the whole rate, the embedding the least.
    /// Default and published: 0.75.
    /// </summary>
    public double RateDecay { get; init; } = 0.75;

    /// <summary>
    /// Probability that a clip passes the last block's branches by (stochastic depth); it rises evenly from 0 in the first
    /// block. Default and published: 0.1.
    /// </summary>
    public double DropPath { get; init; } = 0.1;

    internal void Check(Findings findings)
    {
        findings.When(
            !(RateDecay is > 0 and <= 1),
            $"is {Findings.Text(RateDecay)}, but must be greater than 0 and at most 1 (1 for one rate everywhere; published: 0.75)",
            "layers.rateDecay");
        findings.When(
            !(DropPath is >= 0 and < 1), $"is {Findings.Text(DropPath)}, but must be at least 0 and less than 1", "layers.dropPath");
    }
}
