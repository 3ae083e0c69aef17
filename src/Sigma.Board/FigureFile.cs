using System.Text.Json;
using Sigma.Training.Report;

namespace Sigma.Board;

/// <summary>
/// The curves in a file of lines of JSON, whatever their names: every number of a line that has a <c>step</c>. It is read on
/// where it grew, and each curve is kept as at most a thousand stretches.
/// </summary>
/// <param name="path">The file, which need not exist yet.</param>
/// <param name="prefix">Stands before the name of every curve.</param>
internal sealed class FigureFile(string path, string prefix = "")
{
    private const int MostCurves = 100;
    private const int LongestName = 100;

    private readonly GrowingFile file = new(path);
    private readonly Dictionary<string, GrowingCurve> curves = [];
    private readonly List<(GrowingCurve Curve, double Value)> line = [];

    /// <summary>Reads on, and gives every curve by its name; of an object's part, <c>object/name</c>.</summary>
    public IReadOnlyDictionary<string, GrowingCurve> Read()
    {
        file.Read(Add, curves.Clear);
        return curves;
    }

    // A line that is broken in its middle gives nothing at all.
    private void Add(ReadOnlySpan<byte> json)
    {
        line.Clear();
        double? step = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            // Names are looked up where they are: a long run has millions of them.
            Span<char> name = stackalloc char[3 * LongestName];
            var (group, length) = (prefix, 0);
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        group.CopyTo(name);
                        length = reader.ValueSpan.Length > LongestName ? 0 : group.Length + reader.CopyString(name[group.Length..]);
                        break;
                    case JsonTokenType.Number or JsonTokenType.String when length > 0 && Number(ref reader) is { } value:
                        if (reader.CurrentDepth == 1 && name[prefix.Length..length] is "step")
                            step = value;
                        else if (CurveOf(name[..length]) is { } curve)
                            line.Add((curve, value));
                        break;
                    case JsonTokenType.StartObject when reader.CurrentDepth == 1:
                        group = $"{name[..length]}/";
                        break;
                    case JsonTokenType.EndObject when reader.CurrentDepth == 1:
                        group = prefix;
                        break;
                    case JsonTokenType.StartArray or JsonTokenType.StartObject when reader.CurrentDepth > 0:
                        reader.Skip();
                        break;
                }
            }
        }
        catch (JsonException)
        {
            return;
        }
        if (step is not { } at || !CurveSamples.Drawable(at))
            return;
        foreach (var (curve, value) in line)
            curve.Add(at, value);
    }

    // As System.Text.Json writes them where it may: what is not finite has a name.
    private static double? Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number
        ? reader.GetDouble()
        : reader.ValueTextEquals("NaN") || reader.ValueTextEquals("Infinity") || reader.ValueTextEquals("-Infinity") ? double.NaN : null;

    private GrowingCurve? CurveOf(ReadOnlySpan<char> name)
    {
        var known = curves.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!known.TryGetValue(name, out var curve) && curves.Count < MostCurves)
            known[name] = curve = new();
        return curve;
    }
}
