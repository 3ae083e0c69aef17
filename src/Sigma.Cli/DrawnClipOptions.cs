using System.CommandLine;
using System.Globalization;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary>What every look at a clip as pre-training draws it takes: ratio, seed and recipe.</summary>
internal sealed class DrawnClipOptions
{
    // As published for ViT-S on K400: 16 frames, every fourth, of 224×224 pixels.
    private const string UsualClip = "videomae-vits-k400";

    private readonly Option<double?> ratio = new("--ratio") { HelpName = "R", Description = "share of the tubes that is hidden (the recipe's; else 0.9, and 0.75 for motion-guided)" };
    private readonly Option<long> seed = new("--seed") { HelpName = "N", Description = "the same seed draws the same clip and mask" };
    private readonly Option<string?> recipe = new("--recipe") { Description = "draws the clip as this recipe's run would (else 16 frames, every fourth, the whole picture at 224×224)" };

    /// <summary>All options, in the order of the help.</summary>
    public Option[] All => [ratio, seed, recipe];

    /// <summary>Whether a recipe was given.</summary>
    public bool HasRecipe(ParseResult arguments) => arguments.GetValue(recipe) is not null;

    /// <summary>What the clip and its mask are drawn by.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="mask">The kind of mask, as a recipe names it; null for the recipe's own.</param>
    /// <exception cref="BadInputException">There is no such recipe, or a number makes no sense.</exception>
    public Recipe Settings(ParseResult arguments, string? mask)
    {
        var (name, share) = (arguments.GetValue(recipe), arguments.GetValue(ratio));
        if (share is not (null or (> 0 and < 1)))
            throw new BadInputException(FormattableString.Invariant($"--ratio is {share}, but must be greater than 0 and less than 1: a mask hides something and leaves something to see"));
        List<string> overrides = [string.Create(CultureInfo.InvariantCulture, $"seed={CommonOptions.AtLeast(0, seed, arguments)}")];
        if (name is null)
        {
            overrides.Add("clip.crop=resize");
            share ??= mask == "motion-guided" ? 0.75 : 0.9;
        }
        if (mask is not null)
            overrides.Add($"mask.kind={mask}");
        if (share is { } hidden)
            overrides.Add(string.Create(CultureInfo.InvariantCulture, $"mask.ratio={hidden}"));
        return Recipe.Load(ShippedRecipes.Find(name ?? UsualClip), overrides);
    }
}
