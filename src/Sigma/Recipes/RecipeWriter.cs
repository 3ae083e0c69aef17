using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sigma.Recipes;

/// <summary>Writes a recipe as YAML, every key in the order of the records.</summary>
internal static class RecipeWriter
{
    /// <summary>The YAML text; it loads to an equal recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="schema">Its keys.</param>
    /// <param name="only">The keys to write, by their full names; null for all.</param>
    public static string Write(object recipe, RecipeSchema schema, IReadOnlySet<string>? only = null)
    {
        using var text = new StringWriter { NewLine = "\n" };
        text.WriteLine("# A resolved recipe: every setting as the run uses it, whatever it was extended from.");
        var yaml = new Emitter(text);
        yaml.Emit(new StreamStart());
        yaml.Emit(new DocumentStart(null, null, isImplicit: true));
        yaml.Emit(new MappingStart());
        foreach (var group in schema.Keys.Where(key => only?.Contains(key.Name) ?? true).GroupBy(key => key.Section))
        {
            if (group.Key is { } section)
            {
                yaml.Emit(new Scalar(RecipeSchema.YamlName(section.Name)));
                yaml.Emit(new MappingStart());
            }
            foreach (var key in group)
            {
                yaml.Emit(new Scalar(RecipeSchema.YamlName(key.Property.Name)));
                WriteValue(yaml, key.ValueIn(recipe));
            }
            if (group.Key is not null)
                yaml.Emit(new MappingEnd());
        }
        yaml.Emit(new MappingEnd());
        yaml.Emit(new DocumentEnd(isImplicit: true));
        yaml.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void WriteValue(Emitter yaml, object? value)
    {
        switch (value)
        {
            case ValueList<int> list:
                WriteList(yaml, list.Select(item => RecipeValue.Write(item)));
                break;
            case ValueList<double> list:
                WriteList(yaml, list.Select(item => RecipeValue.Write(item)));
                break;
            case string path:
                // Quoted, so that a path that looks like null or a number stays a path.
                yaml.Emit(new Scalar(AnchorName.Empty, TagName.Empty, path, ScalarStyle.DoubleQuoted, false, true));
                break;
            default:
                yaml.Emit(new Scalar(RecipeValue.Write(value)));
                break;
        }
    }

    private static void WriteList(Emitter yaml, IEnumerable<string> items)
    {
        yaml.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, SequenceStyle.Flow));
        foreach (var item in items)
            yaml.Emit(new Scalar(item));
        yaml.Emit(new SequenceEnd());
    }
}
