using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;
using Sigma.Evaluation.Segmentation;

namespace Sigma.Tests.Evaluation.Segmentation;

[Trait("Category", "segmentation")]
public sealed class AssignmentTests
{
    [Fact]
    public void Each_row_gets_the_column_that_makes_the_sum_largest()
    {
        // Greedily row 0 would take 9 and leave 1: 10; the best is 8 + 7 = 15.
        Assert.Equal([1, 0], Assignment.Largest(new double[,] { { 9, 8 }, { 7, 1 } }));
        // 0.5 + 0.6 + 0.1 against all others.
        Assert.Equal([1, 2, 0], Assignment.Largest(new[,] { { 0.4, 0.5, 0.3 }, { 0.2, 0.1, 0.6 }, { 0.1, 0.0, 0.0 } }));
    }

    [Fact]
    public void Rows_without_a_column_get_minus_one()
    {
        Assert.Equal([-1, 0, -1], Assignment.Largest(new[,] { { 0.1 }, { 0.3 }, { 0.2 } }));
        Assert.Equal([1], Assignment.Largest(new[,] { { 0.1, 0.9, 0.2 } }));
    }

    [Fact]
    public void No_permutation_is_better()
    {
        var gen = Gen.Choose(1, 6).SelectMany(_ => Gen.Choose(1, 6), (rows, columns) => (rows, columns))
            .SelectMany(_ => Gen.Choose(0, int.MaxValue - 1), (size, seed) => Matrix(size.rows, size.columns, seed));
        Prop.ForAll(Arb.From(gen), values =>
        {
            var found = Assignment.Largest(values);
            var taken = found.Where(column => column >= 0).ToList();
            Assert.Equal(Math.Min(values.GetLength(0), values.GetLength(1)), taken.Count);
            Assert.Equal(taken.Count, taken.Distinct().Count());
            var sum = found.Select((column, row) => column < 0 ? 0 : values[row, column]).Sum();
            Assert.Equal(BestSum(values, 0, new bool[values.GetLength(1)]), sum, 1e-9);
        }).QuickCheckThrowOnFailure();
    }

    private static double[,] Matrix(int rows, int columns, int seed)
    {
        var random = new CounterRandom(seed, 0, 0, Purpose.Evaluation);
        var values = new double[rows, columns];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
                values[i, j] = random.NextInt(4) == 0 ? 0 : Math.Round(random.NextDouble(-1, 1), 2); // ties and zeros too
        }
        return values;
    }

    /// <summary>Every way to give the rows from one on the columns that are free; a row goes without only where columns are too few.</summary>
    private static double BestSum(double[,] values, int row, bool[] taken)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        if (row == rows)
            return 0;
        var free = taken.Count(t => !t);
        var best = rows - row > free ? BestSum(values, row + 1, taken) : double.NegativeInfinity;
        for (var column = 0; column < columns; column++)
        {
            if (taken[column])
                continue;
            taken[column] = true;
            best = Math.Max(best, values[row, column] + BestSum(values, row + 1, taken));
            taken[column] = false;
        }
        return best;
    }
}
