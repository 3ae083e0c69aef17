namespace Sigma.Recipes;

/// <summary>A value as somebody wrote it, before it is understood.</summary>
/// <param name="Key">The key it is for.</param>
/// <param name="Text">The text of a single value; null for <c>null</c>, for nothing at all, and for a list.</param>
/// <param name="Items">The texts of a list; null for a single value.</param>
/// <param name="Quoted">The text stood in quotes, so it is text even if it looks like a number.</param>
/// <param name="Place">Where it stands.</param>
internal sealed record Setting(RecipeKey Key, string? Text, IReadOnlyList<string>? Items, bool Quoted, Place Place)
{
    /// <summary>The value as it goes into a message.</summary>
    public string Shown => Items is not null ? $"[{string.Join(", ", Items)}]" : Text is null ? "empty" : Quoted ? $"\"{Text}\"" : Text;

    /// <summary>
    /// A setting from the command line, <c>key=value</c>; a list is written <c>[a, b]</c>. Null when there is no such
    /// setting, and then <paramref name="problem"/> says why.
    /// </summary>
    public static Setting? FromArgument(string argument, RecipeSchema schema, out RecipeProblem? problem)
    {
        var source = $"--set {argument}";
        problem = null;
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
        {
            problem = new(source, null, null, "is not key=value, such as --set optimizer.lr=1e-3");
            return null;
        }
        var name = argument[..equals].Trim();
        var value = argument[(equals + 1)..].Trim();
        if (schema.Find(name) is not { } key)
        {
            problem = new(source, null, name, schema.Sections.Contains(name)
                ? $"is a section; set one of its keys, such as --set {name}.{schema.KeysOf(name)[0]}=VALUE"
                : name == "extends"
                    ? "belongs in a recipe file: --set changes single values"
                    : schema.Unknown(name));
            return null;
        }
        var place = new Place(source, null, Directory.GetCurrentDirectory());
        if (value is "" or "null" or "~")
            return new Setting(key, null, null, false, place);
        if (value is not ['[', .. var inside, ']'])
            return new Setting(key, value, null, false, place);
        var items = inside.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new Setting(key, null, items, false, place);
    }
}

/// <summary>Where a value stands.</summary>
/// <param name="Source">The file, as the user would name it, or the <c>--set</c> argument.</param>
/// <param name="Line">The line in the file, from 1; null on the command line.</param>
/// <param name="Folder">The folder that relative paths start from.</param>
internal sealed record Place(string Source, int? Line, string Folder);
