using Sigma.Masking;

namespace Sigma.Evaluation.Prototypes;

/// <summary>Which prototype every tube of a clip belongs to.</summary>
/// <param name="clip">The clip.</param>
/// <param name="network">Drew and assigns it.</param>
public sealed class ClipAssignments(InspectedClip clip, PrototypeNetwork network)
{
    private readonly int[] prototypes = network.Assign(clip).Prototypes;

    /// <summary>The clip.</summary>
    public InspectedClip Clip => clip;

    /// <summary>[rows · columns], the prototypes of a slice's tubes, row by row.</summary>
    public ReadOnlySpan<int> Slice(int slice) => prototypes.AsSpan(slice * clip.Mask.Grid.CellsPerSlice, clip.Mask.Grid.CellsPerSlice);

    /// <summary>The prototypes that occur, those of most tubes first, and how many tubes each has.</summary>
    public IReadOnlyList<(int Prototype, int Tubes)> Counts =>
        [.. prototypes.CountBy(p => p).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))];
}
