namespace Sigma.Evaluation.Segmentation;

/// <summary>The best one-to-one assignment of rows to columns (Kuhn 1955, Munkres 1957).</summary>
public static class Assignment
{
    /// <summary>
    /// The column of each row, or -1 where there are more rows than columns, such that the sum of the values taken is as
    /// large as it can be. The rows enter one at a time, each by the cheapest augmenting path under reduced costs
    /// (Jonker and Volgenant 1987): O(rows² · columns).
    /// </summary>
    /// <param name="values">[rows, columns], finite.</param>
    public static int[] Largest(double[,] values)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        if (rows > columns)
        {
            var rowOfColumn = Largest(Transposed(values));
            return [.. Enumerable.Range(0, rows).Select(row => Array.IndexOf(rowOfColumn, row))];
        }
        // Rows and columns count from 1; column 0 stands for the row that is looking for a place.
        var (rowPrice, columnPrice) = (new double[rows + 1], new double[columns + 1]);
        var rowAt = new int[columns + 1];
        for (var row = 1; row <= rows; row++)
        {
            rowAt[0] = row;
            Place(values, rowPrice, columnPrice, rowAt);
        }
        var result = new int[rows];
        for (var column = 1; column <= columns; column++)
        {
            if (rowAt[column] > 0)
                result[rowAt[column] - 1] = column - 1;
        }
        return result;
    }

    private static void Place(double[,] values, double[] rowPrice, double[] columnPrice, int[] rowAt)
    {
        var columns = columnPrice.Length - 1;
        var (way, cheapest, seen) = (new int[columns + 1], new double[columns + 1], new bool[columns + 1]);
        Array.Fill(cheapest, double.PositiveInfinity);
        var column = 0;
        do
        {
            seen[column] = true;
            var (row, step, next) = (rowAt[column], double.PositiveInfinity, 0);
            for (var j = 1; j <= columns; j++)
            {
                if (seen[j])
                    continue;
                var cost = -values[row - 1, j - 1] - rowPrice[row] - columnPrice[j];
                if (cost < cheapest[j])
                    (cheapest[j], way[j]) = (cost, column);
                if (cheapest[j] < step)
                    (step, next) = (cheapest[j], j);
            }
            for (var j = 0; j <= columns; j++)
            {
                if (seen[j])
                    (rowPrice[rowAt[j]], columnPrice[j]) = (rowPrice[rowAt[j]] + step, columnPrice[j] - step);
                else
                    cheapest[j] -= step;
            }
            column = next;
        }
        while (rowAt[column] != 0);
        for (; column != 0; column = way[column])
            rowAt[column] = rowAt[way[column]];
    }

    private static double[,] Transposed(double[,] values)
    {
        var result = new double[values.GetLength(1), values.GetLength(0)];
        for (var i = 0; i < values.GetLength(0); i++)
        {
            for (var j = 0; j < values.GetLength(1); j++)
                result[j, i] = values[i, j];
        }
        return result;
    }
}
