namespace Sigma.Recipes;

/// <summary>Reads a recipe with all it extends and what the command line changes, and collects everything wrong on the way.</summary>
/// <param name="path">The recipe's file.</param>
internal sealed class RecipeLoader(string path)
{
    // These follow from model.size until somebody gives them.
    private static readonly string[] SizeKeys =
        ["model.width", "model.depth", "model.heads", "model.decoderWidth", "model.decoderDepth", "model.decoderHeads"];

    private readonly List<RecipeProblem> _problems = [];
    private readonly Dictionary<string, Setting> _settings = [];
    // When a key was last set, to tell which of two values that do not fit was the later.
    private readonly Dictionary<string, int> _order = [];
    private readonly HashSet<string> _misread = [];
    private int _applied;

    /// <summary>The recipe with its overrides.</summary>
    /// <exception cref="RecipeException">Anything is wrong.</exception>
    public Recipe Load(IEnumerable<string> overrides)
    {
        LoadFile(path, []);
        LoadArguments(overrides);
        var recipe = Bind();
        foreach (var finding in recipe.Check())
            Report(finding);
        return _problems.Count == 0 ? recipe : throw new RecipeException(path, _problems);
    }

    private void LoadFile(string file, List<string> above, RecipeProblem? ifMissing = null)
    {
        if (!File.Exists(file))
        {
            _problems.Add(ifMissing ?? new(file, null, null, "there is no such recipe" + NearestFile(file)));
            return;
        }
        var read = new RecipeFile(file, _problems);
        read.Read();
        if (read.Extends is { } extends)
        {
            var extended = Path.Combine(Path.GetDirectoryName(file) ?? "", extends);
            above.Add(Path.GetFullPath(file));
            if (above.Contains(Path.GetFullPath(extended)))
            {
                var ring = string.Join(" → ", above.Append(Path.GetFullPath(extended)).Select(Path.GetFileName));
                _problems.Add(new(file, read.ExtendsLine, "extends", $"goes in a circle: {ring}"));
            }
            else
            {
                LoadFile(extended, above, new(
                    file, read.ExtendsLine, "extends", $"is {extends}, but there is no such recipe" + NearestFile(extended)));
            }
        }
        Apply(read.Settings);
    }

    private void LoadArguments(IEnumerable<string> overrides)
    {
        var settings = new List<Setting>();
        foreach (var argument in overrides)
        {
            if (Setting.FromArgument(argument, out var problem) is { } setting)
                settings.Add(setting);
            else
                _problems.Add(problem!);
        }
        Apply(settings);
    }

    // One file's values, or the command line's, over what was there.
    private void Apply(List<Setting> settings)
    {
        // A size means its own numbers, not those of the recipe that is extended.
        if (settings.Any(setting => setting.Key.Name == "model.size"))
        {
            foreach (var key in SizeKeys)
                _settings.Remove(key);
        }
        foreach (var setting in settings)
        {
            _settings[setting.Key.Name] = setting;
            _order[setting.Key.Name] = _applied++;
        }
    }

    private Recipe Bind()
    {
        var values = new Dictionary<string, object?>();
        foreach (var (name, setting) in _settings)
        {
            var value = RecipeValue.Read(setting, out var problem);
            if (problem is null)
            {
                values.Add(name, value);
                continue;
            }
            _misread.Add(name);
            _problems.Add(new(setting.Place.Source, setting.Place.Line, name, problem));
        }
        var recipe = new Recipe
        {
            Model = ModelRecipe.Of(values.GetValueOrDefault("model.size") is ModelSize size ? size : ModelSize.VitS),
        };
        // The records are new and seen by nobody else yet, so their init properties may still be set.
        foreach (var key in RecipeSchema.Keys)
        {
            if (values.TryGetValue(key.Name, out var value))
                key.Property.SetValue(key.Section is null ? recipe : key.Section.GetValue(recipe), value);
        }
        return recipe;
    }

    private void Report(Finding finding)
    {
        // What could not be read has its default now; to compare others with that would mislead.
        if (finding.Keys.Any(_misread.Contains))
            return;
        var culprit = finding.Keys.Where(_settings.ContainsKey).MaxBy(key => _order[key]);
        var place = culprit is null ? new Place(path, null, "") : _settings[culprit].Place;
        _problems.Add(new(place.Source, place.Line, finding.Keys[0], finding.Message));
    }

    private static string NearestFile(string missing)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(missing))!;
        if (!Directory.Exists(folder))
            return $"; there is no folder {folder}";
        var names = Directory.EnumerateFiles(folder, "*.yaml").Select(file => Path.GetFileName(file)!);
        return NearestWord.To(Path.GetFileName(missing), names.Append("")) is { Length: > 0 } near ? $"; the nearest is {near}" : "";
    }
}
