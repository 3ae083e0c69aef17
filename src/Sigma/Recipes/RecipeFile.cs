using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sigma.Recipes;

/// <summary>
/// Reads one YAML file into settings, each with its line. Works on YAML's events, not on objects, so that every problem can
/// say where it stands and none hides the next.
/// </summary>
/// <param name="path">The file, as the user would name it.</param>
/// <param name="schema">The keys it may have.</param>
/// <param name="problems">Receives what is wrong.</param>
internal sealed class RecipeFile(string path, RecipeSchema schema, List<RecipeProblem> problems)
{
    private const int MostCharacters = 100_000;

    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
    private readonly Dictionary<string, int> _firstLines = [];

    /// <summary>The file this one extends, as written; null for none.</summary>
    public string? Extends { get; private set; }

    /// <summary>The line of <c>extends</c>.</summary>
    public int? ExtendsLine { get; private set; }

    /// <summary>The values in the order written.</summary>
    public List<Setting> Settings { get; } = [];

    /// <summary>The full names of the keys that a sound file itself gives, without those of a file that it extends.</summary>
    public static IEnumerable<string> KeysIn(string path, RecipeSchema schema)
    {
        var file = new RecipeFile(path, schema, []);
        file.Read();
        return file.Settings.Select(setting => setting.Key.Name);
    }

    /// <summary>Reads the file; whatever is wrong with it goes into the problems.</summary>
    public void Read()
    {
        try
        {
            if (ReadPage() is not { } text)
                Report(null, null, $"is longer than {MostCharacters} characters: a recipe is a page of text");
            else if (ControlCharacter(text) is { } at)
                Report(1 + text.AsSpan(0, at).Count('\n'), null, "holds a control character: a recipe is plain text");
            else
                ReadText(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(null, null, $"cannot be read: {e.Message}");
        }
    }

    // Null where it goes on, perhaps without end: what a recipe extends may be anything, a device too.
    private string? ReadPage()
    {
        using var reader = new StreamReader(path);
        var text = new char[MostCharacters + 1];
        var length = reader.ReadBlock(text);
        return length <= MostCharacters ? new string(text, 0, length) : null;
    }

    private void ReadText(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.TryConsume<DocumentStart>(out _))
                ReadDocument(parser);
            else
                Report(null, null, "holds no settings");
        }
        catch (YamlException e)
        {
            Report((int)e.Start.Line, null, $"is not YAML: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // On some damaged text the parser throws this instead of a YamlException.
            Report((int?)parser.Current?.End.Line, null, "is not YAML, in this line or one soon after it");
        }
    }

    // YAML allows none but these, and its reader takes a NUL for the end of the file.
    private static int? ControlCharacter(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) && text[i] is not ('\t' or '\n' or '\r' or '\u0085'))
                return i;
        }
        return null;
    }

    private void ReadDocument(Parser parser)
    {
        if (!parser.TryConsume<MappingStart>(out _))
        {
            Report(Line(parser.Current!), null, "is no recipe: a recipe is lines of key: value, grouped into sections");
            return;
        }
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (ReadKey(parser, section: null) is { } name)
                ReadEntry(parser, name.Value, Line(name));
        }
        parser.Consume<DocumentEnd>();
        if (parser.Current is not StreamEnd and not null || !parser.TryConsume<StreamEnd>(out _))
            Report(null, null, "holds more than one YAML document (---), but a recipe is one");
    }

    private void ReadEntry(Parser parser, string name, int line)
    {
        if (name == "extends")
            ReadExtends(parser, line);
        else if (schema.Sections.Contains(name))
            ReadSection(parser, name, line);
        else if (schema.Find(name)?.Section is { } section)
        {
            Refuse(parser, line, name, "is written with a dot, as for --set; "
                + $"in a file write the key beneath \"{RecipeSchema.YamlName(section.Name)}:\", indented");
        }
        else
            ReadSetting(parser, name, line);
    }

    private void ReadSection(Parser parser, string section, int line)
    {
        if (!parser.TryConsume<MappingStart>(out _))
        {
            var keys = string.Join(", ", schema.KeysOf(section));
            Refuse(parser, line, section, $"is a section; write its keys beneath it, indented: {keys}");
            return;
        }
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (ReadKey(parser, section) is { } name)
                ReadSetting(parser, $"{section}.{name.Value}", Line(name));
        }
    }

    // The key's event; null when it is no key or was given before, and then its value has been passed over too.
    private Scalar? ReadKey(Parser parser, string? section)
    {
        var line = Line(parser.Current!);
        if (!parser.TryConsume<Scalar>(out var key))
        {
            parser.SkipThisAndNestedEvents();
            Refuse(parser, line, section, "holds something that is no key");
            return null;
        }
        var full = section is null ? key.Value : $"{section}.{key.Value}";
        if (_firstLines.TryAdd(full, line))
            return key;
        Refuse(parser, line, full, $"is given twice, first in line {_firstLines[full]}; keep one");
        return null;
    }

    private void ReadExtends(Parser parser, int line)
    {
        if (parser.Current is Scalar { Value.Length: > 0 } scalar && !scalar.Value.Contains('\0', StringComparison.Ordinal))
            (Extends, ExtendsLine) = (parser.Consume<Scalar>().Value, line);
        else
            Refuse(parser, line, "extends", "must be the path of one recipe, relative to this file");
    }

    private void ReadSetting(Parser parser, string name, int line)
    {
        if (schema.Find(name) is not { } key)
            Refuse(parser, line, name, schema.Unknown(name));
        else if (parser.Current is AnchorAlias alias)
            Refuse(parser, line, name, $"is the alias *{alias.Value}; recipes have none, so write the value itself");
        else if (parser.Current is MappingStart)
            Refuse(parser, line, name, $"holds further keys, but must be {RecipeValue.Expected(key.Property.PropertyType)}");
        else if (parser.TryConsume<Scalar>(out var scalar))
            Settings.Add(Single(key, scalar, line));
        else
            ReadList(parser, key, line);
    }

    private Setting Single(RecipeKey key, Scalar scalar, int line)
    {
        var quoted = scalar.Style is not ScalarStyle.Plain;
        var isNull = !quoted && scalar.Value is "" or "null" or "Null" or "NULL" or "~";
        return new Setting(key, isNull ? null : scalar.Value, null, quoted, PlaceOf(line));
    }

    private void ReadList(Parser parser, RecipeKey key, int line)
    {
        parser.Consume<SequenceStart>();
        var items = new List<string>();
        var sound = true;
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (parser.TryConsume<Scalar>(out var item))
            {
                items.Add(item.Value);
                continue;
            }
            parser.SkipThisAndNestedEvents();
            sound = false;
        }
        if (sound)
            Settings.Add(new Setting(key, null, items, false, PlaceOf(line)));
        else
            Report(line, key.Name, $"is a list of lists or groups, but must be {RecipeValue.Expected(key.Property.PropertyType)}");
    }

    private void Refuse(Parser parser, int line, string? key, string message)
    {
        parser.SkipThisAndNestedEvents();
        Report(line, key, message);
    }

    private void Report(int? line, string? key, string message) => problems.Add(new(path, line, key, message));

    private Place PlaceOf(int line) => new(path, line, _folder);

    private static int Line(ParsingEvent parsed) => (int)parsed.Start.Line;
}
