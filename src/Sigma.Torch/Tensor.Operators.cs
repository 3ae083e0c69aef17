namespace Sigma.Torch;

/// <content>Arithmetic as one writes it.</content>
public sealed partial class Tensor
{
#pragma warning disable CA2225 // the named alternatives are in F
    private static Tensor Op(string name, params ReadOnlySpan<Arg> arguments) => Operator.Get(name).Call(arguments);

    /// <summary>Sum.</summary>
    public static Tensor operator +(Tensor x, Tensor y) => Op("aten::add.Tensor", x, y);

    /// <summary>Sum with a number.</summary>
    public static Tensor operator +(Tensor x, double y) => Op("aten::add.Scalar", x, y);

    /// <summary>Difference.</summary>
    public static Tensor operator -(Tensor x, Tensor y) => Op("aten::sub.Tensor", x, y);

    /// <summary>Difference with a number.</summary>
    public static Tensor operator -(Tensor x, double y) => Op("aten::sub.Scalar", x, y);

    /// <summary>Negation.</summary>
    public static Tensor operator -(Tensor x) => Op("aten::neg", x);

    /// <summary>Elementwise product.</summary>
    public static Tensor operator *(Tensor x, Tensor y) => Op("aten::mul.Tensor", x, y);

    /// <summary>Product with a number.</summary>
    public static Tensor operator *(Tensor x, double y) => Op("aten::mul.Scalar", x, y);

    /// <summary>Product with a whole number, which leaves whole numbers whole.</summary>
    public static Tensor operator *(Tensor x, long y) => Op("aten::mul.Scalar", x, y);

    /// <summary>Elementwise quotient.</summary>
    public static Tensor operator /(Tensor x, Tensor y) => Op("aten::div.Tensor", x, y);

    /// <summary>Quotient with a number.</summary>
    public static Tensor operator /(Tensor x, double y) => Op("aten::div.Scalar", x, y);
#pragma warning restore CA2225
}
