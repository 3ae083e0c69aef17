namespace Sigma.Recipes;

/// <summary>
/// What a run's checkpoints know its recipe by: a hash of what it computes, every key written out. How often is saved, how many workers
/// read and the like are at their defaults in it, since they change nothing of what is computed.
/// </summary>
/// <remarks>
/// A key that a recipe can have only since a later version is missing in the hashes of earlier ones. There it had its default, so a run
/// that began without it is known by the hash without it, as long as the key still has its default.
/// </remarks>
internal sealed class RecipeIdentity
{
    private readonly object computed;
    private readonly RecipeSchema schema;
    private readonly Func<string, object> load;

    private RecipeIdentity(object computed, RecipeSchema schema, string resolved, Func<string, object> load) =>
        (this.computed, this.schema, this.load, Resolved, Hash) = (computed, schema, load, resolved, ContentHash.Of(RecipeWriter.Write(computed, schema)));

    /// <summary>The whole recipe as it stands in a run's folder.</summary>
    public string Resolved { get; }

    /// <summary>SHA-256 of what it computes.</summary>
    public string Hash { get; }

    /// <summary>Of a pre-training.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="teacher">What its teacher is known by, wherever its file lies; null without one.</param>
    public static RecipeIdentity Of(Recipe recipe, string? teacher)
    {
        var computed = recipe with { Checkpoint = new(), Data = new(), Health = new(), Optimizer = recipe.Optimizer with { ShardState = false } };
        if (teacher is not null)
            computed = computed with { Objective = computed.Objective with { Teacher = teacher } };
        return new(computed, RecipeSchema.Pretraining, recipe.ToYaml(), path => Recipe.Load(path));
    }

    /// <summary>Of a fine-tuning. How it is tested changes nothing of what is trained.</summary>
    public static RecipeIdentity Of(FineTuneRecipe recipe) => new(
        recipe with { Checkpoint = new(), Data = new(), Views = new(), Optimizer = recipe.Optimizer with { ShardState = false } },
        RecipeSchema.FineTuning, recipe.ToYaml(), path => FineTuneRecipe.Load(path));

    /// <summary>
    /// The hash that this recipe had when a run wrote <paramref name="resolved"/>, which lacks the keys that did not exist then; null
    /// where none is missing, or one that is missing has another value than its default.
    /// </summary>
    /// <param name="resolved">The <c>recipe.yaml</c> in a run's folder.</param>
    /// <param name="newer">The keys that it lacks.</param>
    public string? WithoutKeysMissingIn(string resolved, out IReadOnlyList<string> newer)
    {
        newer = [];
        object earlier;
        try
        {
            earlier = load(resolved);
        }
        catch (RecipeException)
        {
            return null;
        }
        HashSet<string> there = [.. RecipeFile.KeysIn(resolved, schema)];
        RecipeKey[] missing = [.. schema.Keys.Where(key => !there.Contains(key.Name))];
        newer = [.. missing.Select(key => key.Name)];
        return missing.Length > 0 && missing.All(key => Equals(key.ValueIn(earlier), key.ValueIn(computed)))
            ? ContentHash.Of(RecipeWriter.Write(computed, schema, there))
            : null;
    }
}
