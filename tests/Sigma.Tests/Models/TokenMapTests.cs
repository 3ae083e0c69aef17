using Sigma.Models;
using Sigma.Torch;

namespace Sigma.Tests.Models;

[Trait("Category", "targets")]
public sealed class TokenMapTests
{
    [Theory]
    [InlineData(14)]
    [InlineData(9)]
    public void Positions_move_to_another_grid_as_DINO_moves_them(int newRows)
    {
        const int rows = 12;
        using var scope = new TensorScope();
        var table = new Initialiser(5).Normal(1, 1, rows * rows, 1);
        var values = table.ToArray<double>();
        var got = TokenMap.Bicubic(table, newRows, newRows, antialias: false).ToArray<double>();
        for (var i = 0; i < got.Length; i++)
            Assert.Equal(Cubic(values, rows, newRows, i / newRows, i % newRows), got[i], 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_map_of_one_value_keeps_it_in_every_size(bool antialias)
    {
        using var scope = new TensorScope();
        var map = F.Full([1, 37 * 37, 2], 0.75);
        Assert.All(TokenMap.Bicubic(map, 16, 10, antialias).ToArray<float>(), v => Assert.Equal(0.75, v, 1e-6));
        Assert.All(TokenMap.Bilinear(map, 14).ToArray<float>(), v => Assert.Equal(0.75, v, 1e-6));
    }

    [Fact]
    public void Rows_stay_rows_and_columns_columns()
    {
        using var scope = new TensorScope();
        float[] risingDown = [.. Enumerable.Range(0, 64).Select(i => (float)(i / 8))];
        var map = Tensor.From(risingDown, 1, 64, 1);
        foreach (var resized in new[] { TokenMap.Bicubic(map, 4, 4, antialias: true), TokenMap.Bilinear(map, 4) })
        {
            var values = resized.ToArray<float>();
            for (var row = 0; row < 4; row++)
                Assert.All(values[(4 * row)..(4 * row + 4)], v => Assert.Equal(values[4 * row], v, 1e-5f));
            Assert.True(values[0] < values[4] && values[4] < values[8] && values[8] < values[12]);
        }
    }

    /// <summary>Keys' cubic convolution with a = -0.75 at the points DINO samples, edges repeated, in double.</summary>
    private static double Cubic(double[] map, int rows, int newRows, int row, int column)
    {
        var step = rows / (newRows + 0.1);
        double At(int place, out int first)
        {
            var point = (place + 0.5) * step - 0.5;
            first = (int)Math.Floor(point);
            return point - first;
        }
        var (down, along) = (At(row, out var top), At(column, out var left));
        var sum = 0.0;
        for (var i = -1; i <= 2; i++)
        {
            for (var j = -1; j <= 2; j++)
                sum += Kernel(i - down) * Kernel(j - along) * map[Math.Clamp(top + i, 0, rows - 1) * rows + Math.Clamp(left + j, 0, rows - 1)];
        }
        return sum;
    }

    private static double Kernel(double distance)
    {
        const double a = -0.75;
        var d = Math.Abs(distance);
        return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
    }
}
