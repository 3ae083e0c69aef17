using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sigma.Training;

/// <summary>The figures of one update, a line of <c>metrics.jsonl</c>.</summary>
/// <param name="Step">Updates done, this one included.</param>
/// <param name="Epoch">Epoch the step belongs to, from 0.</param>
/// <param name="Loss">Mean over the micro-batches.</param>
/// <param name="Lr">Rate of this update.</param>
/// <param name="PrototypeEntropy">Entropy of prototype use over ln K, 1 = all alike; null without prototypes.</param>
/// <param name="GradNorm">Norm of all gradients before clipping.</param>
/// <param name="ClipsPerSecond">Clips of this update over its whole time, waiting included.</param>
/// <param name="DataWait">Share of the step spent waiting for clips.</param>
/// <param name="Utilisation">Operations a second over the ceiling of matrix products measured at the start.</param>
/// <param name="Seconds">Time of the step.</param>
/// <param name="RankTargets">RankMe of the targets' features; null between readings.</param>
/// <param name="RankPredictions">RankMe of the predictions; null between readings.</param>
/// <param name="DeadPrototypes">Share of the prototypes unused over the last updates; null before there were enough, and without prototypes.</param>
/// <param name="SpreadTargets">Variance of the targets' features over tubes, mean over dimensions; null between readings.</param>
/// <param name="MarginalError">Largest deviation of a prototype's share from even use as Sinkhorn's last round began, over its even share; null without prototypes.</param>
/// <param name="Parts">Seconds of each part of the update (<see cref="StepParts"/>); null between readings.</param>
public sealed record StepMetrics(
    long Step, int Epoch, double Loss, double Lr, double? PrototypeEntropy, double GradNorm,
    double ClipsPerSecond, double DataWait, double Utilisation, double Seconds,
    double? RankTargets = null, double? RankPredictions = null, double? DeadPrototypes = null,
    double? SpreadTargets = null, double? MarginalError = null,
    IReadOnlyDictionary<string, double>? Parts = null)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Reads a line back; null where it is not whole.</summary>
    public static StepMetrics? FromJson(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<StepMetrics>(line, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
