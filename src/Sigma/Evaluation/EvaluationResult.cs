using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Sigma.Evaluation;

/// <summary>How many clips of a video were looked at.</summary>
/// <param name="Segments">Places along the video.</param>
/// <param name="Crops">Crops of each.</param>
public sealed record EvaluationViews(int Segments, int Crops)
{
    /// <summary>One clip in the middle.</summary>
    public static EvaluationViews One { get; } = new(1, 1);
}

/// <summary>
/// What an evaluation found, in the form that all of them write with <c>--json</c>: what was evaluated on what and how, the
/// figures with their intervals, and what became of every video, so that two results can be compared in pairs.
/// </summary>
public sealed record EvaluationResult
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
    };

    /// <summary>Which evaluation: <c>linear</c>, <c>knn</c>, <c>views</c>, …</summary>
    public required string Command { get; init; }

    /// <summary>The data set: its name, or the list or folder of the evaluated videos as it was given.</summary>
    public required string Dataset { get; init; }

    /// <summary>Which part of it: <c>val</c>, <c>test</c>, a split's number.</summary>
    public required string Split { get; init; }

    /// <summary>Clips of a video.</summary>
    public required EvaluationViews Views { get; init; }

    /// <summary>The evaluated checkpoint as it was given.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>SHA-256 of the file with the weights.</summary>
    public required string CheckpointHash { get; init; }

    /// <summary>Seed of every draw, those of the intervals included.</summary>
    public required long Seed { get; init; }

    /// <summary>What else the figures depend on: classes, sampling, rates, epochs, the hash of the training data.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>SHA-256 of <see cref="Settings"/>: results with the same one were made in the same way.</summary>
    public string SettingsHash { get; init; } = "";

    /// <summary>Every figure by its name, shares in [0, 1].</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();

    /// <summary>The 95 % interval [low, high] of every figure, by the bootstrap over videos.</summary>
    public IReadOnlyDictionary<string, double[]> Intervals { get; init; } = new Dictionary<string, double[]>();

    /// <summary>Names of the classes, where <see cref="Confusion"/> is told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>[classes][classes], how many videos of a class (row) were taken for each class (column); null where that is not told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int[][]? Confusion { get; init; }

    /// <summary>[V], the evaluated videos by their names in the list or below the folder.</summary>
    public required IReadOnlyList<string> Videos { get; init; }

    /// <summary>What became of every video, a metric a figure, in the order of <see cref="Videos"/>.</summary>
    public required IReadOnlyList<Metric> Outcomes { get; init; }

    /// <summary>The same result with figures, intervals and the settings' hash worked out from the outcomes.</summary>
    /// <exception cref="ArgumentException">An outcome has another number of videos.</exception>
    public EvaluationResult WithFigures()
    {
        if (Outcomes.FirstOrDefault(m => m.Videos != Videos.Count) is { } odd)
            throw new ArgumentException($"{odd.Name} has {odd.Videos} videos, the result {Videos.Count}");
        var intervals = Bootstrap.Intervals([.. Outcomes.Select(m => (ResampledFigure)m.Over)], Videos.Count, Seed);
        return this with
        {
            Figures = Outcomes.ToDictionary(m => m.Name, m => m.Value),
            Intervals = Outcomes.Zip(intervals).ToDictionary(p => p.First.Name, p => (double[])[p.Second.Low, p.Second.High]),
            SettingsHash = ContentHash.Of(Settings.ToJsonString()),
        };
    }

    /// <summary>Writes it as JSON; the file appears under its name when it is whole.</summary>
    public void Write(string path) => WholeFile.WriteText(path, JsonSerializer.Serialize(this, Options) + "\n");

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="BadInputException">There is no such file, or it is no result of an evaluation.</exception>
    public static EvaluationResult Read(string path)
    {
        if (!File.Exists(path))
            throw new BadInputException($"{path}: there is no such file");
        try
        {
            var result = JsonSerializer.Deserialize<EvaluationResult>(File.ReadAllText(path), Options);
            return result is not null && result.Outcomes.All(m => m is { IsWhole: true } && m.Videos == result.Videos.Count)
                ? result
                : throw new BadInputException($"{path}: its outcomes do not belong to its {result?.Videos.Count ?? 0} videos; write it anew with sigma evaluate … --json");
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException)
        {
            throw new BadInputException($"{path} is no result of sigma evaluate … --json: {failure.Message}", failure);
        }
    }
}
