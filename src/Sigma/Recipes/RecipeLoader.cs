namespace Sigma.Recipes;

/// <summary>Reads a recipe with all it extends and what the command line changes, and collects everything wrong on the way.</summary>
/// <param name="path">The recipe's file.</param>
/// <param name="schema">The keys it may have.</param>
internal sealed class RecipeLoader(string path, RecipeSchema schema)
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
    /// <param name="overrides">Values from the command line.</param>
    /// <param name="start">A new recipe with the defaults of a model of that size; nobody else may hold it.</param>
    /// <param name="check">What is wrong with the values of a recipe.</param>
    /// <exception cref="RecipeException">Anything is wrong.</exception>
    public TRecipe Load<TRecipe>(IEnumerable<string> overrides, Func<ModelSize, TRecipe> start, Func<TRecipe, IReadOnlyList<Finding>> check)
        where TRecipe : class
    {
        LoadFile(path, []);
        LoadArguments(overrides);
        var recipe = Bind(start);
        foreach (var finding in check(recipe))
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
        var read = new RecipeFile(file, schema, _problems);
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
            if (Setting.FromArgument(argument, schema, out var problem) is { } setting)
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

    private TRecipe Bind<TRecipe>(Func<ModelSize, TRecipe> start)
        where TRecipe : class
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
        var recipe = start(values.GetValueOrDefault("model.size") is ModelSize size ? size : ModelSize.VitS);
        // The records are new and seen by nobody else yet, so their init properties may still be set.
        foreach (var key in schema.Keys)
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
        return NearestWord.To(Path.GetFileName(missing), names) is { } near ? $"; the nearest is {near}" : "";
    }
}
