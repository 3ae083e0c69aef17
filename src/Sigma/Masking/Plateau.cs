namespace Sigma.Masking;

/// <summary>
/// Where a map is highest. An object moving as one has no single highest cell: all of its inside moves alike, and which
/// cell wins is rounding. So the peak is taken as a plateau, the cells joined to the highest one that come near to it,
/// and its middle stands for it.
/// </summary>
internal static class Plateau
{
    /// <summary>
    /// The mean row and column of the plateau, in cells (the first row is 0), and its cell that is nearest to that mean.
    /// </summary>
    /// <param name="map">[rows × columns], not negative</param>
    /// <param name="columns">columns of the map</param>
    /// <param name="tolerance">share of the highest value by which a cell of the plateau may be lower</param>
    internal static (double Row, double Column, int NearestCell) Find(ReadOnlySpan<double> map, int columns, double tolerance)
    {
        var highest = 0;
        for (var cell = 1; cell < map.Length; cell++)
            if (map[cell] > map[highest])
                highest = cell;

        var members = new List<int> { highest };
        var reached = new bool[map.Length];
        reached[highest] = true;
        for (var next = 0; next < members.Count; next++)
        {
            var (row, column) = Math.DivRem(members[next], columns);
            for (var y = Math.Max(row - 1, 0); y <= Math.Min(row + 1, map.Length / columns - 1); y++)
                for (var x = Math.Max(column - 1, 0); x <= Math.Min(column + 1, columns - 1); x++)
                {
                    var cell = y * columns + x;
                    if (reached[cell] || map[cell] < map[highest] * (1 - tolerance))
                        continue;
                    reached[cell] = true;
                    members.Add(cell);
                }
        }

        var (meanRow, meanColumn) = (members.Average(cell => cell / columns), members.Average(cell => cell % columns));
        var nearest = members.MinBy(cell => (Square(cell / columns - meanRow) + Square(cell % columns - meanColumn), cell));
        return (meanRow, meanColumn, nearest);
    }

    private static double Square(double x) => x * x;
}
