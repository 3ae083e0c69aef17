namespace Sigma.Recipes;

/// <summary>Tells two resolved recipes apart.</summary>
internal static class RecipeDifference
{
    /// <summary>Every setting that is not the same in both, in the order of the recipes.</summary>
    /// <param name="first">A resolved recipe, as <see cref="RecipeWriter"/> writes it.</param>
    /// <param name="other">Another.</param>
    /// <returns>The full key and its value in each; null where one does not have it.</returns>
    public static IReadOnlyList<(string Key, string? First, string? Other)> Between(string first, string other)
    {
        var (a, b) = (Values(first), Values(other));
        return [.. a.Keys.Union(b.Keys)
            .Select(key => (Key: key, First: a.GetValueOrDefault(key), Other: b.GetValueOrDefault(key)))
            .Where(setting => setting.First != setting.Other)];
    }

    private static Dictionary<string, string> Values(string resolved)
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
