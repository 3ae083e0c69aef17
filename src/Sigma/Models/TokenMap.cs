using Sigma.Torch;

namespace Sigma.Models;

/// <summary>Tokens as a map of rows and columns, and the map in another size.</summary>
internal static class TokenMap
{
    /// <summary>
    /// Tokens [B, rows², D] resized bilinearly to [B, newRows², D], without antialiasing and with corners not aligned.
    /// </summary>
    public static Tensor Bilinear(Tensor tokens, int newRows) =>
        Resized(tokens, newRows, newRows, map => F.ResizeBilinear(map, newRows, newRows));

    /// <summary>
    /// Positions [1, rows², D] at another grid, bicubically. DINO multiplies by (size + 0.1) / rows, and the 0.1, there to
    /// get past a rounding, moves the sampling points; DINOv2 with registers asks for the size and antialiases.
    /// </summary>
    public static Tensor Bicubic(Tensor positions, int newRows, int newColumns, bool antialias)
    {
        const double offset = 0.1;
        var rows = Side(positions);
        return Resized(positions, newRows, newColumns, map => antialias
            ? F.ResizeBicubicAntialiased(map, newRows, newColumns)
            : F.ResizeBicubic(map, newRows, newColumns, (newRows + offset) / rows, (newColumns + offset) / rows));
    }

    private static Tensor Resized(Tensor tokens, int newRows, int newColumns, Func<Tensor, Tensor> resize)
    {
        using var scope = new TensorScope();
        var (rows, shape) = (Side(tokens), tokens.Shape);
        var map = F.Permute(F.Reshape(tokens, shape[0], rows, rows, shape[2]), 0, 3, 1, 2); // [B, D, rows, rows]
        var resized = F.Reshape(resize(F.Contiguous(map)), shape[0], shape[2], newRows * newColumns); // [B, D, N]
        return scope.Keep(F.Contiguous(F.Transpose(resized, 1, 2))); // [B, N, D]
    }

    private static int Side(Tensor tokens) => (int)Math.Sqrt(tokens.Size(1));
}
