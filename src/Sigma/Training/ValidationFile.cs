using System.Text.Json;

namespace Sigma.Training;

/// <summary>What a run reached on the validation videos, a line of <c>validation.jsonl</c>.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Top1">Share of videos whose class got the highest score, in [0, 1].</param>
/// <param name="Top5">Share of videos whose class is among the five highest.</param>
/// <param name="Loss">Mean of −ln p of the right class, nats.</param>
/// <param name="Videos">Videos that could be read.</param>
/// <param name="Top1Interval">95 % interval [low, high] of <paramref name="Top1"/>, by the bootstrap over videos; null in lines from before there was one.</param>
public sealed record ValidationScore(long Step, int Epoch, double Top1, double Top5, double Loss, int Videos, double[]? Top1Interval = null);

/// <summary>
/// Keeps what a run reached on the validation videos. A run that continues drops the lines after the step it continues from:
/// they will be made again.
/// </summary>
internal sealed class ValidationFile
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly string path;
    private readonly List<ValidationScore> scores;

    /// <summary>Takes up the file of a run that has done <paramref name="step"/> updates.</summary>
    public ValidationFile(RunFolder run, long step)
    {
        path = run.Validation;
        scores = File.Exists(path) ? [.. File.ReadLines(path).Select(Read).OfType<ValidationScore>().Where(s => s.Step <= step)] : [];
        Write();
    }

    /// <summary>All, in their order.</summary>
    public IReadOnlyList<ValidationScore> All => scores;

    /// <summary>The first of those with the highest top-1; null before there is any.</summary>
    public ValidationScore? Best => scores.MaxBy(s => s.Top1);

    /// <summary>Whether the run was validated after that many updates.</summary>
    public bool Has(long step) => scores.Any(s => s.Step == step);

    /// <summary>Adds a validation.</summary>
    public void Add(ValidationScore score)
    {
        scores.Add(score);
        Write();
    }

    private static ValidationScore? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ValidationScore>(line, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Write() => WholeFile.WriteLines(path, scores.Select(s => JsonSerializer.Serialize(s, Options)));
}
