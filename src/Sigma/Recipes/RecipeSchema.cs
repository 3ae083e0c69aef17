using System.Reflection;

namespace Sigma.Recipes;

/// <summary>One key of a recipe: its full name, and where its value lives in the records.</summary>
/// <param name="Name">The full name, such as <c>optimizer.lr</c>; <c>seed</c> for a key outside any section.</param>
/// <param name="Section">The property of the recipe that holds the section's record; null outside any section.</param>
/// <param name="Property">The property that holds the value.</param>
internal sealed record RecipeKey(string Name, PropertyInfo? Section, PropertyInfo Property)
{
    /// <summary>The value of this key in <paramref name="recipe"/>.</summary>
    public object? ValueIn(object recipe) => Property.GetValue(Section is null ? recipe : Section.GetValue(recipe));
}

/// <summary>
/// The keys a kind of recipe may have, read off its records: every property that can be set, in the order declared.
/// </summary>
internal sealed class RecipeSchema
{
    private readonly Dictionary<string, RecipeKey> byName;

    private RecipeSchema(Type recipe)
    {
        Keys = [.. ReadKeys(recipe)];
        Sections = [.. Keys.Where(key => key.Section is not null).Select(key => YamlName(key.Section!.Name)).Distinct()];
        byName = Keys.ToDictionary(key => key.Name);
    }

    /// <summary>The keys of <see cref="Recipe"/>.</summary>
    public static RecipeSchema Pretraining { get; } = new(typeof(Recipe));

    /// <summary>The keys of <see cref="FineTuneRecipe"/>.</summary>
    public static RecipeSchema FineTuning { get; } = new(typeof(FineTuneRecipe));

    /// <summary>Every key, section by section.</summary>
    public IReadOnlyList<RecipeKey> Keys { get; }

    /// <summary>The names of the sections: model, clip, mask, …</summary>
    public IReadOnlyList<string> Sections { get; }

    /// <summary>The key of that full name, or null.</summary>
    public RecipeKey? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>The keys of a section, without the section's name: width, depth, …</summary>
    public IReadOnlyList<string> KeysOf(string section) => [.. Keys
        .Where(key => key.Section is { } holder && YamlName(holder.Name) == section)
        .Select(key => LastWord(key.Name))];

    /// <summary>What to tell somebody who wrote a key that does not exist: the nearest one, or the ones there are.</summary>
    public string Unknown(string name)
    {
        if (this == Pretraining ? FineTuning.Has(name) : Pretraining.Has(name))
            return this == Pretraining ? "is unknown here: it belongs to a recipe of fine-tuning, for sigma finetune" : "is unknown here: it belongs to a recipe of pre-training, for sigma pretrain";
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var section = dot < 0 ? null : name[..dot];
        var word = name[(dot + 1)..];
        if (section is not null && !Sections.Contains(section))
        {
            return NearestWord.To(section, Sections) is { } nearSection
                ? $"is unknown; the nearest section is {nearSection}"
                : $"is unknown; the sections are {string.Join(", ", Sections)}";
        }
        var beside = section is null
            ? [.. Keys.Where(key => key.Section is null).Select(key => key.Name), .. Sections, "extends"]
            : KeysOf(section);
        if (NearestWord.To(word, beside) is { } near)
            return $"is unknown; the nearest key is {(section is null ? near : $"{section}.{near}")}";
        // Perhaps the right word in the wrong section, or in none.
        return NearestWord.To(word, Keys.Select(key => LastWord(key.Name))) is { } elsewhere
            ? $"is unknown; the nearest key is {Keys.First(key => LastWord(key.Name) == elsewhere).Name}"
            : $"is unknown; {section ?? "a recipe"} holds {string.Join(", ", beside)}";
    }

    private bool Has(string name) => byName.ContainsKey(name) || Sections.Contains(name);

    /// <summary>camelCase, as keys are written in YAML.</summary>
    public static string YamlName(string property) => char.ToLowerInvariant(property[0]) + property[1..];

    private static string LastWord(string name) => name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static IEnumerable<RecipeKey> ReadKeys(Type recipe)
    {
        foreach (var outer in SettableProperties(recipe))
        {
            var name = YamlName(outer.Name);
            if (!IsSection(outer.PropertyType))
            {
                yield return new RecipeKey(name, null, outer);
                continue;
            }
            foreach (var inner in SettableProperties(outer.PropertyType))
                yield return new RecipeKey($"{name}.{YamlName(inner.Name)}", outer, inner);
        }
    }

    // Properties without a setter are derived from others, and no keys.
    private static IEnumerable<PropertyInfo> SettableProperties(Type record) => record
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is not null)
        .OrderBy(property => property.MetadataToken);

    private static bool IsSection(Type type) => type.Name.EndsWith("Recipe", StringComparison.Ordinal);
}
