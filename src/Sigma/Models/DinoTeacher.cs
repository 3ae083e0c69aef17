using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// A frozen DINO (Caron et al. 2021) or DINOv2 vision transformer (Oquab et al. 2023; registers: Darcet et al. 2023) under
/// its published names. Its tensors are float32; an open autocast decides in what its products run.
/// </summary>
public sealed class DinoTeacher : IDisposable
{
    internal const double Epsilon = 1e-6;
    private readonly Dictionary<string, Tensor> tensors = [];
    private readonly DinoBlock[] blocks;

    /// <summary>A teacher on a device, with its own hold on the tensors it is given.</summary>
    /// <param name="shape">Sizes read off these tensors by <see cref="DinoShape.Of"/>.</param>
    /// <param name="tensors">By published names, of any floating type.</param>
    /// <param name="device">Where it computes.</param>
    public DinoTeacher(DinoShape shape, IReadOnlyDictionary<string, Tensor> tensors, Device device)
    {
        Shape = shape;
        foreach (var (name, tensor) in tensors.Where(t => !DinoShape.IsUnused(t.Key)))
            this.tensors[name] = F.Detach(F.To(tensor, ScalarType.Float32, device)).KeepForever();
        blocks = [.. Enumerable.Range(0, shape.Depth).Select(i => new DinoBlock(this.tensors, i, shape.Heads))];
    }

    /// <summary>Its sizes.</summary>
    public DinoShape Shape { get; }

    /// <summary>
    /// The tokens of its last layer after the final norm, without gradient.
    /// </summary>
    /// <param name="images">[B, 3, H, W], normalised by ImageNet's statistics; height and width multiples of a patch.</param>
    /// <returns>The class token [B, D] and the patches' tokens [B, N, D], row by row.</returns>
    public (Tensor Class, Tensor Patches) Forward(Tensor images)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var x = Embedded(images); // [B, 1 + R + N, D]
        (Tensor Weight, Tensor Bias)[] norms = [.. blocks.Select(b => b.Norm), (tensors["norm.weight"], tensors["norm.bias"])];
        var normed = F.LayerNorm(x, norms[0].Weight, norms[0].Bias, Epsilon);
        for (var i = 0; i < blocks.Length; i++)
            (x, normed) = blocks[i].Forward(x, normed, norms[i + 1]);
        var before = 1 + Shape.Registers;
        return (scope.Keep(F.Select(normed, 1, 0)), scope.Keep(F.Narrow(normed, 1, before, normed.Size(1) - before)));
    }

    /// <summary>Class, registers and patches; registers carry no position.</summary>
    private Tensor Embedded(Tensor images)
    {
        var patches = F.Conv2d(images, tensors["patch_embed.proj.weight"], tensors["patch_embed.proj.bias"], [Shape.PatchSize, Shape.PatchSize]);
        var grid = patches.Shape; // [B, D, rows, columns]
        var table = tensors["pos_embed"];
        var tokens = F.Transpose(F.Reshape(patches, grid[0], grid[1], -1), 1, 2) + Positions(table, (int)grid[2], (int)grid[3]); // [B, N, D]
        var first = F.Expand(tensors["cls_token"] + F.Narrow(table, 1, 0, 1), grid[0], -1, -1); // [B, 1, D]
        return tensors.TryGetValue("register_tokens", out var registers)
            ? F.Cat([first, F.Expand(registers, grid[0], -1, -1), tokens], 1)
            : F.Cat([first, tokens], 1);
    }

    /// <summary>[1, N, D], as stored where the grid is that of the table.</summary>
    private Tensor Positions(Tensor table, int rows, int columns)
    {
        var stored = F.Narrow(table, 1, 1, table.Size(1) - 1);
        return rows == Shape.Table && columns == Shape.Table
            ? stored
            : TokenMap.Bicubic(stored, rows, columns, antialias: Shape.Registers > 0);
    }

    /// <summary>Frees its tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
    }
}
