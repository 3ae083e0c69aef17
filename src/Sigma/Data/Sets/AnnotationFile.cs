using System.Globalization;
using System.Text.Json;

namespace Sigma.Data.Sets;

/// <summary>
/// Reads annotation files record by record. What makes no sense is told by a <see cref="FormatException"/> from the caller;
/// all of a file are gathered and told at once, each with its line.
/// </summary>
internal static class AnnotationFile
{
    /// <summary>Every line that is not blank.</summary>
    /// <exception cref="ManifestException">carries every line that made no sense</exception>
    public static void Lines(string path, Action<string> read)
    {
        var problems = new List<ManifestProblem>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                Try(() => read(line.Trim()), number, problems);
        }
        ThrowIfAny(path, problems);
    }

    /// <summary>Every line of comma-separated values, by the names in its first line.</summary>
    /// <param name="path">the file</param>
    /// <param name="columns">names that must be there</param>
    /// <param name="read">takes the fields of these columns, in this order</param>
    /// <exception cref="ManifestException">carries every line that made no sense</exception>
    public static void Table(string path, string[] columns, Action<string[]> read)
    {
        int[]? places = null;
        Lines(path, line =>
        {
            var fields = ListFields.OfTable(line);
            if (places is null)
            {
                places = [.. columns.Select(c => fields.IndexOf(c))];
                if (Array.IndexOf(places, -1) is >= 0 and var missing)
                    throw new FormatException($"the header has no column {columns[missing]}, but {string.Join(", ", fields)}");
                return;
            }
            if (places.Any(p => p < 0))
                return; // said once, at the header
            if (fields.Count <= places.Max())
                throw new FormatException($"has {fields.Count} fields, too few for the column {columns[Array.FindIndex(places, p => p >= fields.Count)]}");
            read([.. places.Select(p => fields[p])]);
        });
    }

    /// <summary>Every object of a JSON file whose outermost value is a list of them.</summary>
    /// <exception cref="ManifestException">carries every object that made no sense, or where the file is no such JSON</exception>
    public static void Records(string path, Action<JsonElement> read) => Json(path, JsonTokenType.StartArray, (_, record) => read(record));

    /// <summary>Every member of a JSON file whose outermost value is an object.</summary>
    /// <inheritdoc cref="Records"/>
    public static void Members(string path, Action<string, JsonElement> read) => Json(path, JsonTokenType.StartObject, read);

    /// <summary>The text under a key of a record.</summary>
    public static string Text(JsonElement record, string key) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"has no text under \"{key}\"");

    /// <summary>The whole number under a key of a record.</summary>
    public static int Number(JsonElement record, string key) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw new FormatException($"has no whole number under \"{key}\"");

    /// <summary>A label in a text.</summary>
    /// <param name="text">the number</param>
    /// <param name="first">the number of the first class</param>
    /// <param name="classes">how many there are</param>
    /// <returns>the label, from 0</returns>
    public static int Label(string text, int first, int classes) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= first && number < first + classes
            ? number - first
            : throw new FormatException($"has the label {text}, but labels are whole numbers from {first} to {first + classes - 1}");

    /// <summary>The place of a class among the names of all.</summary>
    public static int LabelOf(IReadOnlyDictionary<string, int> classes, string name) =>
        classes.TryGetValue(name, out var label) ? label : throw new FormatException($"has the label {name}, which is none of the {classes.Count} classes");

    /// <summary>Each name's place.</summary>
    public static Dictionary<string, int> Places(IReadOnlyList<string> names) =>
        names.Select((name, place) => (name, place)).DistinctBy(p => p.name).ToDictionary(p => p.name, p => p.place);

    private static void Json(string path, JsonTokenType outermost, Action<string, JsonElement> read)
    {
        var bytes = File.ReadAllBytes(path);
        var problems = new List<ManifestProblem>();
        var reader = new Utf8JsonReader(bytes.AsSpan().StartsWith((byte[])[0xEF, 0xBB, 0xBF]) ? bytes.AsSpan(3) : bytes);
        var (line, at) = (1, 0L);
        try
        {
            reader.Read();
            if (reader.TokenType != outermost)
                throw new ManifestException(path, $"holds no {(outermost == JsonTokenType.StartArray ? "list" : "object")} as its outermost value");
            while (reader.Read() && reader.CurrentDepth > 0)
            {
                var name = "";
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    name = reader.GetString()!;
                    reader.Read();
                }
                var start = reader.TokenStartIndex;
                line += bytes.AsSpan((int)at, (int)(start - at)).Count((byte)'\n');
                at = start;
                var value = JsonElement.ParseValue(ref reader);
                Try(() => read(name, value), line, problems);
            }
        }
        catch (JsonException e)
        {
            problems.Add(new((int?)(e.LineNumber + 1), $"is no JSON: {e.Message}"));
        }
        catch (InvalidOperationException e)
        {
            problems.Add(new(line, $"is no JSON: {e.Message}")); // a name that is no Unicode
        }
        ThrowIfAny(path, problems);
    }

    private static void Try(Action read, int line, List<ManifestProblem> problems)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException) // the second where a text is no Unicode
        {
            problems.Add(new(line, e.Message));
        }
    }

    private static void ThrowIfAny(string path, List<ManifestProblem> problems)
    {
        if (problems.Count > 0)
            throw new ManifestException(path, problems);
    }
}
