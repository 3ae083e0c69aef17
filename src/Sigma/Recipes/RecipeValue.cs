using System.Globalization;

namespace Sigma.Recipes;

/// <summary>Turns the text of a recipe into values and back. Numbers are read and written the same in every country.</summary>
internal static class RecipeValue
{
    /// <summary>
    /// Reads a setting as the type of its key. When it is of another type, <paramref name="problem"/> says what would be right.
    /// </summary>
    public static object? Read(Setting setting, out string? problem)
    {
        var declared = setting.Key.Property.PropertyType;
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var expected = Expected(type);
        var value = IsList(type) ? ReadList(setting, type.GenericTypeArguments[0]) : ReadSingle(setting, type);
        var mayBeNull = type == typeof(string) || type != declared;
        var isNull = setting is { Text: null, Items: null };
        problem = value is not null || (isNull && mayBeNull)
            ? null
            : $"is {setting.Shown}, but must be {expected}{(mayBeNull ? " (or null)" : "")}";
        if (problem is not null && type.IsEnum && setting.Text is { } text && NearestWord.To(text, Choices(type)) is { } near)
            problem += $"; the nearest is {near}";
        if (problem is not null && setting.Quoted && ReadSingle(setting with { Quoted = false }, type) is not null)
            problem += ", without quotes";
        return value;
    }

    /// <summary>The text of a value, as a recipe writes it.</summary>
    public static string Write(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        Enum choice => Choice(choice.ToString()),
        double number => Number(number),
        ValueList<double> list => $"[{string.Join(", ", list.Select(Number))}]",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    /// <summary>What a key of that type takes, in words.</summary>
    public static string Expected(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(int) => "a whole number below 2147483648",
        var t when t == typeof(long) => "a whole number",
        var t when t == typeof(double) => "a number",
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(string) => "the path of a file",
        var t when t == typeof(ValueList<int>) => "a list of whole numbers, such as [1024, 256]",
        var t when t == typeof(ValueList<double>) => "a list of numbers, such as [0.9, 0.95]",
        var t when t.IsEnum => "one of " + string.Join(", ", Choices(t)),
        _ => throw new NotSupportedException($"A recipe cannot hold a {type}."),
    };

    /// <summary>The choices of an enum as recipes write them: <c>MultiScale</c> is <c>multi-scale</c>.</summary>
    public static IEnumerable<string> Choices(Type type) => Enum.GetNames(type).Select(Choice);

    private static string Choice(string name) =>
        string.Concat(name.Select((letter, i) => (i > 0 && char.IsUpper(letter) ? "-" : "") + char.ToLowerInvariant(letter)));

    private static string Number(double value) => value
        .ToString("R", CultureInfo.InvariantCulture)
        .Replace("E-0", "e-", StringComparison.Ordinal)
        .Replace('E', 'e');

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>);

    private static object? ReadSingle(Setting setting, Type type)
    {
        if (setting.Text is not { } text)
            return null;
        if (type == typeof(string))
            return ReadPath(text, setting.Place.Folder);
        // Numbers, flags and choices are never text in quotes.
        return setting.Quoted ? null : ReadWord(text, type);
    }

    private static object? ReadWord(string text, Type type)
    {
        if (type == typeof(double))
            return ReadNumber(text);
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small) ? small : null;
        if (type == typeof(long))
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large) ? large : null;
        if (type == typeof(bool))
            return bool.TryParse(text, out var flag) ? flag : null;
        var name = Enum.GetNames(type).FirstOrDefault(name => Choice(name) == text);
        return name is null ? null : Enum.Parse(type, name);
    }

    private static double? ReadNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    private static object? ReadList(Setting setting, Type itemType)
    {
        if (setting.Items is not { } items)
            return null;
        var values = items.Select(item => ReadWord(item, itemType)).ToArray();
        if (values.Any(value => value is null))
            return null;
        return itemType == typeof(int)
            ? new ValueList<int>([.. values.Cast<int>()])
            : new ValueList<double>([.. values.Cast<double>()]);
    }

    private static string? ReadPath(string text, string folder) =>
        text.Length == 0 || text.Contains('\0', StringComparison.Ordinal) ? null : Path.GetFullPath(text, folder);
}
