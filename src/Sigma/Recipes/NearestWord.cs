namespace Sigma.Recipes;

/// <summary>Finds the word somebody meant.</summary>
internal static class NearestWord
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
            .MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, word.Length / 3) && distance < word.Length ? nearest : null;
    }

    /// <summary>Levenshtein's distance: letters to insert, remove or replace.</summary>
    internal static int Edits(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
