using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Training;

/// <summary>The element type that products run in for each precision of a recipe.</summary>
public static class PrecisionTypes
{
    /// <summary>float32, or the type autocast uses.</summary>
    public static ScalarType Type(this Precision precision) => precision switch
    {
        Precision.Bf16 => ScalarType.BFloat16,
        Precision.Fp16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };
}
