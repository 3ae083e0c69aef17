namespace Sigma.Data;

/// <summary>One thing wrong with a manifest.</summary>
/// <param name="Line">The line of the list, from 1; null where the folder or the list as a whole is meant.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record ManifestProblem(int? Line, string Message);

/// <summary>A folder or list of videos cannot be used. Carries every problem found, not only the first.</summary>
public sealed class ManifestException : Exception
{
    private const int Shown = 10;

    internal ManifestException(string path, string message)
        : this(path, [new(null, message)])
    {
    }

    internal ManifestException(string path, IReadOnlyList<ManifestProblem> problems)
        : base(Describe(path, problems))
    {
        Path = path;
        Problems = problems;
    }

    /// <summary>The folder or list, as it was asked for.</summary>
    public string Path { get; }

    /// <summary>What is wrong, in the order of the lines.</summary>
    public IReadOnlyList<ManifestProblem> Problems { get; }

    private static string Describe(string path, IReadOnlyList<ManifestProblem> problems)
    {
        var lines = problems.Take(Shown).Select(problem => Describe(path, problem)).ToList();
        if (problems.Count > Shown)
            lines.Add(FormattableString.Invariant($"and {problems.Count - Shown} more lines"));
        return string.Join('\n', lines);
    }

    private static string Describe(string path, ManifestProblem problem) => problem.Line is { } line
        ? FormattableString.Invariant($"{path}:{line}: {problem.Message}")
        : $"{path}: {problem.Message}";
}
