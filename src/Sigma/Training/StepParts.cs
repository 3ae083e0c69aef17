using System.Diagnostics;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// Where the time of steps goes, part by part. The device is waited for after each part, which costs some time on a GPU, so a
/// run looks only now and then.
/// </summary>
/// <param name="device">Where the steps compute.</param>
public sealed class StepParts(Device device)
{
    /// <summary>Waiting for the loader.</summary>
    public const string DecodeWait = "decodeWait";

    private readonly Stopwatch watch = Stopwatch.StartNew();

    private readonly Dictionary<string, double> seconds = new()
    {
        [DecodeWait] = 0,
        ["upload"] = 0,
        ["targets"] = 0,
        ["teacher"] = 0,
        ["encoder"] = 0,
        ["decoder"] = 0,
        ["loss"] = 0,
        ["backward"] = 0,
        ["optimiser"] = 0,
    };

    /// <summary>Seconds of each part, of all steps so far; <c>loss</c> holds φ, scores, Sinkhorn and the loss with its gradient.</summary>
    public IReadOnlyDictionary<string, double> Seconds => seconds;

    /// <summary>Each part's share of all steps so far.</summary>
    public IReadOnlyDictionary<string, double> Shares => seconds.ToDictionary(p => p.Key, p => p.Value / seconds.Values.Sum());

    /// <summary>Forgets the time since the last part: a step begins.</summary>
    public void Begin() => watch.Restart();

    /// <summary>The time since the last part, or since the beginning, was this part's.</summary>
    public void Done(string part)
    {
        Engine.Wait(device);
        seconds[part] += watch.Elapsed.TotalSeconds;
        watch.Restart();
    }
}
