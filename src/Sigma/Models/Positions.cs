using Sigma.Torch;

namespace Sigma.Models;

/// <summary>The fixed sine-cosine table of positions (Vaswani et al. 2017), over all tubes in the order time, row, column.</summary>
public static class Positions
{
    /// <summary>
    /// [N, D]: even channels sin(n / 10000^(2⌊j/2⌋/D)), odd channels the cosine, computed in double and rounded once.
    /// </summary>
    public static Tensor SineCosine(int tubes, int width)
    {
        var table = Tensor.Empty([tubes, width]);
        var values = table.Data<float>();
        for (var n = 0; n < tubes; n++)
        {
            for (var j = 0; j < width; j++)
            {
                var angle = n / Math.Pow(10000, 2.0 * (j / 2) / width);
                values[n * width + j] = (float)(j % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
            }
        }
        return table;
    }

    /// <summary>[N, D]: the sine-cosine table of an encoder's clips, or that of the clips it was trained on, resampled.</summary>
    public static Tensor Fixed(EncoderShape shape, int width)
    {
        if (shape.TableOf is not { } trained)
            return SineCosine(shape.Tubes, width);
        using var scope = new TensorScope();
        return scope.Keep(Resampled(SineCosine(trained.Slices * trained.Rows * trained.Rows, width), trained, (shape.Slices, shape.Rows)));
    }

    /// <summary>A table [N, D] at other slices and rows, trilinear, with corners not aligned.</summary>
    public static Tensor Resampled(Tensor table, (int Slices, int Rows) from, (int Slices, int Rows) to)
    {
        using var scope = new TensorScope();
        var width = table.Size(1);
        var grid = F.Permute(F.Reshape(table, 1, from.Slices, from.Rows, from.Rows, width), 0, 4, 1, 2, 3); // [1, D, T, H, W]
        var resized = F.ResizeTrilinear(F.Contiguous(grid), to.Slices, to.Rows, to.Rows);
        return scope.Keep(F.Contiguous(F.Transpose(F.Reshape(resized, width, -1), 0, 1)));
    }

    /// <summary>Rows of a table [N, D] at the tubes of an index [B, n]: [B, n, D].</summary>
    public static Tensor At(Tensor table, Tensor index)
    {
        var shape = index.Shape;
        return F.Reshape(F.IndexSelect(table, 0, F.Reshape(index, -1)), shape[0], shape[1], table.Size(1));
    }
}
