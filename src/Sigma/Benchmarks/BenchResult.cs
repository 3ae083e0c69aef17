namespace Sigma.Benchmarks;

/// <summary>What a benchmark found; a figure that it has not is null.</summary>
/// <param name="Ratio">The plain way's time over ours.</param>
/// <param name="ClipsPerSecond">Ours.</param>
/// <param name="GflopPerClip">Operations of one clip in 10⁹, forward and backward.</param>
/// <param name="CeilingGflops">The most that matrix products reach here, measured in the same process, in 10⁹ a second.</param>
/// <param name="Utilisation">Our share of that.</param>
/// <param name="PeakMemoryRatio">Our largest memory for tensors over the plain way's.</param>
/// <param name="Parts">Share of each part in our time.</param>
public sealed record BenchResult(
    double Ratio, double? ClipsPerSecond, double? GflopPerClip, double? CeilingGflops, double? Utilisation, double? PeakMemoryRatio,
    IReadOnlyDictionary<string, double> Parts);
