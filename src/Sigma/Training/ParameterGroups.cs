using Sigma.Torch;

namespace Sigma.Training;

/// <summary>Which parameters decay: all but 1-D ones, biases, positions and tokens, by the published rule.</summary>
public static class ParameterGroups
{
    /// <summary>The decaying and the others, in the order of registration.</summary>
    public static IReadOnlyList<ParameterGroup> Of(Module model, double weightDecay)
    {
        var byDecay = model.Parameters().ToLookup(p => Decays(p.Name, p.Value));
        return [new([.. byDecay[true]], weightDecay), new([.. byDecay[false]], 0)];
    }

    /// <summary>True for matrices and kernels, and for prototypes, which are rescaled before every pass anyway.</summary>
    public static bool Decays(string name, Tensor value) =>
        value.Shape.Length > 1 &&
        !name.EndsWith(".bias", StringComparison.Ordinal) &&
        name.Split('.')[^1] is not ("pos_embed" or "cls_token" or "mask_token");
}
