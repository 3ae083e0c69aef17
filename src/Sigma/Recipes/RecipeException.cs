namespace Sigma.Recipes;

/// <summary>One thing wrong with a recipe.</summary>
/// <param name="Source">The file it stands in, or the <c>--set</c> argument; the recipe's file where a default is meant.</param>
/// <param name="Line">The line in that file, from 1; null where there is none.</param>
/// <param name="Key">The full key, such as <c>optimizer.lr</c>; null where the file as a whole is meant.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record RecipeProblem(string Source, int? Line, string? Key, string Message)
{
    /// <summary>The problem on one line: <c>recipe.yaml:12: optimizer.lr is 0, but must be greater than 0</c>.</summary>
    public override string ToString()
    {
        var place = Line is { } line ? FormattableString.Invariant($"{Source}:{line}") : Source;
        return Key is null ? $"{place}: {Message}" : $"{place}: {Key} {Message}";
    }
}

/// <summary>A recipe cannot be read or makes no sense. Carries every problem found, not only the first.</summary>
public sealed class RecipeException : Exception
{
    /// <summary>Names the recipe and all that is wrong with it.</summary>
    public RecipeException(string recipe, IReadOnlyList<RecipeProblem> problems)
        : base($"The recipe {recipe} cannot be used (docs/errors/recipe.md):{string.Concat(problems.Select(problem => "\n  " + problem))}")
    {
        Recipe = recipe;
        Problems = problems;
    }

    /// <summary>The recipe's file, as it was asked for.</summary>
    public string Recipe { get; }

    /// <summary>What is wrong, in the order of the files read.</summary>
    public IReadOnlyList<RecipeProblem> Problems { get; }
}
