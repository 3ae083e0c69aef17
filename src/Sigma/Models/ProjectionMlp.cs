using System.Globalization;
using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// φ, trained jointly with the video model: linear layers with GELU between them (1536 → 1024 → 1024 → 512 → 256 in
/// the published setting). Layers are named 0, 2, 4, … as in the published checkpoints.
/// </summary>
public sealed class ProjectionMlp : Module
{
    private readonly LinearLayer[] layers;

    /// <summary>A network from tubes of <paramref name="inputs"/> numbers through the given widths.</summary>
    public ProjectionMlp(Initialiser initialiser, int inputs, IReadOnlyList<int> widths)
    {
        layers = new LinearLayer[widths.Count];
        for (var i = 0; i < layers.Length; i++)
        {
            layers[i] = Part((2 * i).ToString(CultureInfo.InvariantCulture), LinearLayer.Default(initialiser, inputs, widths[i]));
            inputs = widths[i];
        }
    }

    /// <summary>[B, M, P] to [B, M, D].</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = new TensorScope();
        x = layers[0].Forward(x);
        foreach (var layer in layers[1..])
            x = layer.ForwardOfGelu(x);
        return scope.Keep(x);
    }
}
