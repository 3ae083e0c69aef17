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

    /// <summary>Rows of a table [N, D] at the tubes of an index [B, n]: [B, n, D].</summary>
    public static Tensor At(Tensor table, Tensor index)
    {
        var shape = index.Shape;
        return F.Reshape(F.IndexSelect(table, 0, F.Reshape(index, -1)), shape[0], shape[1], table.Size(1));
    }
}
