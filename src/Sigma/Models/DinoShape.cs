using System.Globalization;
using Sigma.Torch;

namespace Sigma.Models;

/// <summary>The sizes of a DINO vision transformer, as its tensors tell them.</summary>
/// <param name="Width">Channels D of a token.</param>
/// <param name="Depth">Blocks.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="MlpWidth">Channels between the two layers of an MLP.</param>
/// <param name="PatchSize">Height and width of a patch in pixels.</param>
/// <param name="Table">Rows and columns of the stored table of positions.</param>
/// <param name="Registers">Register tokens: 0, or DINOv2's 4.</param>
/// <param name="LayerScale">Whether each branch of a block is scaled by learned factors: DINOv2, not DINO.</param>
public sealed record DinoShape(int Width, int Depth, int Heads, int MlpWidth, int PatchSize, int Table, int Registers, bool LayerScale)
{
    /// <summary>Channels of a head in every published DINO.</summary>
    private const int HeadWidth = 64;

    /// <summary>What published files hold beside the tensors that inference needs.</summary>
    private static readonly string[] Unused = ["mask_token", "head."];

    /// <summary>
    /// Reads the sizes off the shapes of a checkpoint's tensors and compares all the others with them.
    /// </summary>
    /// <param name="tensors">Shapes by published names.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="heads">Attention heads, which no tensor tells; by default one for 64 channels, as published.</param>
    /// <exception cref="BadInputException">These are not the tensors of a DINO.</exception>
    public static DinoShape Of(IReadOnlyDictionary<string, long[]> tensors, string source, int? heads = null)
    {
        long[] Shape(string name, string wanted, Func<long[], bool> fits) =>
            !tensors.TryGetValue(name, out var shape) ? throw NotDino(source, $"it has no {name}")
            : !fits(shape) ? throw NotDino(source, $"{name} is [{string.Join(", ", shape)}] instead of {wanted}")
            : shape;

        var patches = Shape("patch_embed.proj.weight", "[D, 3, patch, patch]", s => s is [> 0, 3, > 0, _] && s[2] == s[3]);
        var positions = Shape("pos_embed", "[1, 1 + rows², D]", s => s is [1, > 1, > 0] && Side(s[1] - 1) is not null);
        var mlp = Shape("blocks.0.mlp.fc1.weight", "[MLP, D]", s => s is [> 0, > 0]);
        var registers = tensors.ContainsKey("register_tokens") ? Shape("register_tokens", "[1, R, D]", s => s is [1, > 0, > 0])[1] : 0;
        var width = (int)patches[0];
        if (heads is null && width % HeadWidth != 0)
            throw NotDino(source, $"its tokens have {width} channels, which do not split into heads of {HeadWidth}");
        var depth = Enumerable.Range(0, tensors.Count).First(i => !tensors.ContainsKey(Block(i, "norm1.weight")));
        var shape = new DinoShape(
            width, depth, heads ?? width / HeadWidth, (int)mlp[0], (int)patches[2], Side(positions[1] - 1)!.Value,
            (int)registers, tensors.ContainsKey(Block(0, "ls1.gamma")));
        shape.Check(tensors, source);
        return shape;
    }

    /// <summary>Tokens of a frame of this height and width in pixels: patches, class and registers.</summary>
    public int Tokens(int size) => size / PatchSize * (size / PatchSize) + 1 + Registers;

    internal static string Block(int index, string name) => string.Create(CultureInfo.InvariantCulture, $"blocks.{index}.{name}");

    internal static bool IsUnused(string name) => Unused.Any(unused => name.StartsWith(unused, StringComparison.Ordinal));

    private void Check(IReadOnlyDictionary<string, long[]> tensors, string source)
    {
        try
        {
            StateMismatchException.ThrowIfAny("what it holds", Tensors(), tensors.Where(t => !IsUnused(t.Key)).ToDictionary());
        }
        catch (StateMismatchException differences)
        {
            throw NotDino(source, differences.Message, differences);
        }
    }

    /// <summary>Every tensor of such a network.</summary>
    internal Dictionary<string, long[]> Tensors()
    {
        var tensors = new Dictionary<string, long[]>
        {
            ["cls_token"] = [1, 1, Width],
            ["pos_embed"] = [1, 1 + Table * Table, Width],
            ["patch_embed.proj.weight"] = [Width, 3, PatchSize, PatchSize],
            ["patch_embed.proj.bias"] = [Width],
        };
        if (Registers > 0)
            tensors["register_tokens"] = [1, Registers, Width];
        void Pair(string name, params long[] weight)
        {
            tensors[$"{name}.weight"] = weight;
            tensors[$"{name}.bias"] = [weight[0]];
        }
        for (var i = 0; i < Depth; i++)
        {
            Pair(Block(i, "norm1"), Width);
            Pair(Block(i, "attn.qkv"), 3 * Width, Width);
            Pair(Block(i, "attn.proj"), Width, Width);
            Pair(Block(i, "norm2"), Width);
            Pair(Block(i, "mlp.fc1"), MlpWidth, Width);
            Pair(Block(i, "mlp.fc2"), Width, MlpWidth);
            if (LayerScale)
                (tensors[Block(i, "ls1.gamma")], tensors[Block(i, "ls2.gamma")]) = ([Width], [Width]);
        }
        Pair("norm", Width);
        return tensors;
    }

    private static int? Side(long cells) => (long)Math.Sqrt(cells) is var side && side * side == cells ? (int)side : null;

    private static BadInputException NotDino(string source, string why, Exception? inner = null) =>
        new($"{source} is not a DINO vision transformer: {why}", inner);
}
