namespace Sigma.Tests.Data.Synthesis;

/// <summary>Classification by the nearest class mean after whitening the within-class spread (Fisher's discriminant), with a ridge.</summary>
internal static class SmallProbe
{
    /// <summary>Share of the tried samples whose class is found. Features [n][d], labels 0 … classes − 1.</summary>
    public static double Accuracy(double[][] known, int[] labels, double[][] tried, int[] truth, double ridge = 0.1)
    {
        var (width, classes) = (known[0].Length, labels.Max() + 1);
        var (mean, scale) = Moments(known);
        known = [.. known.Select(Standardise)];
        tried = [.. tried.Select(Standardise)];

        var means = new double[classes][];
        for (var c = 0; c < classes; c++)
            means[c] = Moments([.. known.Where((_, i) => labels[i] == c)]).Mean;
        var spread = new double[width, width];
        for (var n = 0; n < known.Length; n++)
            for (var i = 0; i < width; i++)
                for (var j = 0; j < width; j++)
                    spread[i, j] += (known[n][i] - means[labels[n]][i]) * (known[n][j] - means[labels[n]][j]) / known.Length;
        for (var i = 0; i < width; i++)
            spread[i, i] += ridge;
        var weights = means.Select(m => Solve(spread, m)).ToArray();

        var found = tried.Where((x, n) => truth[n] == Enumerable.Range(0, classes).MaxBy(c => Dot(weights[c], x) - 0.5 * Dot(weights[c], means[c]))).Count();
        return (double)found / tried.Length;

        double[] Standardise(double[] x) => [.. x.Select((value, i) => (value - mean[i]) / (scale[i] + 1e-9))];
    }

    private static (double[] Mean, double[] Deviation) Moments(double[][] rows)
    {
        var width = rows[0].Length;
        var mean = Enumerable.Range(0, width).Select(i => rows.Average(row => row[i])).ToArray();
        var deviation = Enumerable.Range(0, width).Select(i => Math.Sqrt(rows.Average(row => (row[i] - mean[i]) * (row[i] - mean[i])))).ToArray();
        return (mean, deviation);
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    /// <summary>Gauss's elimination; the matrix is positive definite, so no pivoting.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var (a, x, n) = ((double[,])matrix.Clone(), (double[])right.Clone(), right.Length);
        for (var i = 0; i < n; i++)
        {
            for (var row = i + 1; row < n; row++)
            {
                var factor = a[row, i] / a[i, i];
                for (var column = i; column < n; column++)
                    a[row, column] -= factor * a[i, column];
                x[row] -= factor * x[i];
            }
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var column = i + 1; column < n; column++)
                x[i] -= a[i, column] * x[column];
            x[i] /= a[i, i];
        }
        return x;
    }
}
