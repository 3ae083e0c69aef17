namespace Sigma.Tests.Data.Synthesis;

/// <summary>
/// Four numbers that sum up how a clip moves: mean motion across and down, expansion and rotation. Motion is measured in
/// windows from brightness gradients (Lucas and Kanade 1981); expansion and rotation are its differences between
/// neighbouring windows, weighted by how much there is to see in both.
/// </summary>
internal static class FlowStatistic
{
    private const int Window = 8;

    /// <summary>Mean over successive frames, each [size, size, 3].</summary>
    public static double[] Of(IReadOnlyList<byte[]> frames, int size)
    {
        var sums = new double[4];
        for (var t = 1; t < frames.Count; t++)
        {
            var flow = Flow(Grey(frames[t - 1], size), Grey(frames[t], size), size);
            var cells = size / Window;
            double weight = 0, pairs = 0, across = 0, down = 0, expansion = 0, rotation = 0;
            for (var y = 0; y < cells; y++)
            {
                for (var x = 0; x < cells; x++)
                {
                    var (u, v, w) = flow[y, x];
                    (across, down, weight) = (across + w * u, down + w * v, weight + w);
                    var (right, below) = (flow[y, (x + 1) % cells], flow[(y + 1) % cells, x]);
                    var (beside, under) = (w * right.Weight, w * below.Weight);
                    expansion += beside * (right.U - u) + under * (below.V - v);
                    rotation += beside * (right.V - v) - under * (below.U - u);
                    pairs += beside + under;
                }
            }
            sums[0] += across / weight;
            sums[1] += down / weight;
            sums[2] += expansion / pairs;
            sums[3] += rotation / pairs;
        }
        return sums;
    }

    private static (double U, double V, double Weight)[,] Flow(double[,] before, double[,] after, int size)
    {
        var cells = size / Window;
        var flow = new (double, double, double)[cells, cells];
        for (var row = 0; row < cells; row++)
        {
            for (var column = 0; column < cells; column++)
            {
                double xx = 1e-3, yy = 1e-3, xy = 0, xt = 0, yt = 0;
                for (var y = row * Window; y < (row + 1) * Window; y++)
                {
                    for (var x = column * Window; x < (column + 1) * Window; x++)
                    {
                        // Both frames' gradients, so that the estimate is centred in time.
                        var dx = 0.25 * (At(before, y, x + 1) - At(before, y, x - 1) + At(after, y, x + 1) - At(after, y, x - 1));
                        var dy = 0.25 * (At(before, y + 1, x) - At(before, y - 1, x) + At(after, y + 1, x) - At(after, y - 1, x));
                        var dt = after[y, x] - before[y, x];
                        (xx, yy, xy, xt, yt) = (xx + dx * dx, yy + dy * dy, xy + dx * dy, xt + dx * dt, yt + dy * dt);
                    }
                }
                var determinant = xx * yy - xy * xy;
                flow[row, column] = ((xy * yt - yy * xt) / determinant, (xy * xt - xx * yt) / determinant, determinant / (xx + yy));
            }
        }
        return flow;
        double At(double[,] image, int y, int x) => image[(y + size) % size, (x + size) % size];
    }

    private static double[,] Grey(byte[] rgb, int size)
    {
        var grey = new double[size, size];
        for (var i = 0; i < size * size; i++)
            grey[i / size, i % size] = (rgb[3 * i] + rgb[3 * i + 1] + rgb[3 * i + 2]) / (3 * 255.0);
        return grey;
    }
}
