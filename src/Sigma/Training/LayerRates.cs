using System.Globalization;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// Layer-wise rate decay (Bao et al., BEiT, 2022; the published rule): layer 0 is the embedding with the positions, layer
/// i + 1 is block i, and the last layer is norm and head; layer l of L has the rate's factor decay^(L − l).
/// </summary>
public static class LayerRates
{
    /// <summary>The parameters of a classifier, grouped by layer and by whether they decay.</summary>
    /// <param name="model">With the published names of a classifier.</param>
    /// <param name="depth">Its blocks.</param>
    /// <param name="weightDecay">Of matrices and kernels.</param>
    /// <param name="rateDecay">From one layer to the one below it.</param>
    public static IReadOnlyList<ParameterGroup> Groups(Module model, int depth, double weightDecay, double rateDecay) =>
        [.. model.Parameters()
            .GroupBy(p => (Layer: LayerOf(p.Name, depth), Decays: ParameterGroups.Decays(p.Name, p.Value)))
            .Select(group => new ParameterGroup([.. group], group.Key.Decays ? weightDecay : 0, Math.Pow(rateDecay, depth + 1 - group.Key.Layer)))];

    /// <summary>The layer of a parameter, from 0 to depth + 1.</summary>
    public static int LayerOf(string name, int depth)
    {
        var parts = name.Split('.');
        return parts[0] switch
        {
            "patch_embed" or "pos_embed" => 0,
            "blocks" => int.Parse(parts[1], CultureInfo.InvariantCulture) + 1,
            _ => depth + 1,
        };
    }
}
