namespace Sigma.Recipes;

/// <summary>Finds the word somebody meant.</summary>
public static class NearestWord
{
    /// <summary>
    /// The candidate with the fewest edits from <paramref name="word"/>, case ignored; null when even that one needs more
    /// edits than a third of the word (at least one), for then it is no misspelling.
    /// </summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        // No key is that long, and the table below grows with the square.
        if (word.Length > 100)
            return null;
        var (nearest, distance) = candidates
            .Select(candidate => (candidate, Edits(word.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .DefaultIfEmpty(("", int.MaxValue))
            .MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, word.Length / 3) && distance < word.Length ? nearest : null;
    }

    /// <summary>Letters to insert, remove, replace, or swap with the next (optimal string alignment).</summary>
    internal static int Edits(string from, string to)
    {
        var edits = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }
                var replaced = edits[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replaced, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        return edits[from.Length, to.Length];
    }
}
