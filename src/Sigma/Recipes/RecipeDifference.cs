namespace Sigma.Recipes;

/// <summary>Tells two resolved recipes apart.</summary>
internal static class RecipeDifference
{
    /// <summary>Every setting that is not the same in both, in the order of the recipes.</summary>
    /// <param name="first">A resolved recipe, as <see cref="RecipeWriter"/> writes it.</param>
    /// <param name="other">Another.</param>
    /// <returns>The full key and its value in each; null where one does not have it.</returns>
    public static IReadOnlyList<(string Key, string? First, string? Other)> Between(string first, string other) =>
        [.. Among([Values(first), Values(other)]).Select(setting => (setting.Key, setting.Values[0], setting.Values[1]))];

    /// <summary>Every setting that is not the same in all, in the order of the recipes, and its value in each; null where one does not have it.</summary>
    /// <param name="recipes">The <see cref="Values"/> of each.</param>
    public static IEnumerable<(string Key, string?[] Values)> Among(IReadOnlyList<IReadOnlyDictionary<string, string>> recipes) => recipes.SelectMany(recipe => recipe.Keys).Distinct()
        .Select(key => (Key: key, Values: recipes.Select(recipe => recipe.GetValueOrDefault(key)).ToArray()))
        .Where(setting => setting.Values.Distinct().Count() > 1);

    /// <summary>Every setting of a resolved recipe by its full key, as it is written there.</summary>
    public static Dictionary<string, string> Values(string resolved)
    {
        var values = new Dictionary<string, string>();
        var section = "";
        foreach (var line in resolved.Split('\n').Where(line => line.Contains(':', StringComparison.Ordinal) && line[0] != '#'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon].Trim(), line[(colon + 1)..].Trim());
            var inside = char.IsWhiteSpace(line[0]);
            if (value.Length == 0 && !inside)
                section = name + ".";
            else
                values[(inside ? section : "") + name] = value;
        }
        return values;
    }
}
