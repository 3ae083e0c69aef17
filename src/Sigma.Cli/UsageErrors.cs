using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary>Says what is wrong with a command line and what would be right, a line each, on standard error.</summary>
internal static class UsageErrors
{
    /// <summary>Tells all that is wrong; of half a command, what may follow it.</summary>
    /// <param name="parsed">A command line with errors.</param>
    /// <param name="root">The program's command.</param>
    /// <returns>The exit code.</returns>
    public static int Tell(ParseResult parsed, Command root)
    {
        var misspelt = Misspelt(parsed);
        var words = Words(misspelt);
        if (parsed.UnmatchedTokens.Count == 0 && parsed.CommandResult.Command.Subcommands.Count > 0)
        {
            root.Parse([.. words.Skip(1), "--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
            return ExitCodes.BadInput;
        }
        foreach (var problem in Problems(parsed, misspelt.Command, words.Count == 1 ? "there is" : $"{string.Join(' ', words.Skip(1))} has").Distinct())
            Console.Error.WriteLine($"sigma: {problem}");
        Console.Error.WriteLine($"{string.Join(' ', words)} --help tells what may be given");
        return ExitCodes.BadInput;
    }

    /// <summary>
    /// The command that does not know what it was given: a command that is misspelt may be followed by a word that is the name of
    /// one.
    /// </summary>
    private static CommandResult Misspelt(ParseResult parsed)
    {
        var result = parsed.CommandResult;
        var tokens = parsed.Tokens.ToList();
        var unknown = parsed.UnmatchedTokens.Count > 0 ? tokens.FindIndex(token => token.Value == parsed.UnmatchedTokens[0]) : tokens.Count;
        while (result.Parent is CommandResult above && tokens.IndexOf(result.IdentifierToken) > unknown)
            result = above;
        return result;
    }

    private static IEnumerable<string> Problems(ParseResult parsed, Command command, string has)
    {
        // What else is wrong may follow from a word that was misspelt.
        if (parsed.UnmatchedTokens is [var unknown, ..])
            return [Unknown(command, has, parsed.UnmatchedTokens.FirstOrDefault(IsOption) is { } option && command.Subcommands.Count == 0 ? option : unknown)];
        return parsed.Errors.Select(error => Explain(error.SymbolResult) ?? error.Message);
    }

    private static string Unknown(Command command, string has, string word)
    {
        if (IsOption(word))
            return $"{has} no option {word}{Nearest(word, command.Options.Select(o => o.Name))}";
        var commands = command.Subcommands.Select(c => c.Name).ToList();
        return commands.Count == 0
            ? $"{has} no use for {word}: what belongs to an option stands behind its name, as in --option {word}"
            : $"{has} no command {word}{(Nearest(word, commands) is { Length: > 0 } near ? near : $"; the commands are {string.Join(", ", commands)}")}";
    }

    /// <summary>What is wrong with the value of an option or with an argument; null where whoever found it says it better.</summary>
    private static string? Explain(SymbolResult? place) => place switch
    {
        OptionResult option => Explain(option),
        ArgumentResult { Parent: OptionResult option } => Explain(option),
        ArgumentResult { Tokens.Count: 0, Argument: var argument } => $"give the {argument.Name}: {argument.Description}",
        _ => null,
    };

    private static string? Explain(OptionResult given)
    {
        var (name, option) = (given.Option.Name, given.Option);
        return given.Tokens.Count switch
        {
            0 when given.IdentifierTokenCount == 0 => $"give {name}: {option.Description}",
            0 => $"{name} wants a value: {option.Description}",
            1 => Wanted(option.ValueType, given.Tokens[0].Value) is { } kind ? $"{name} is {given.Tokens[0].Value}, but must be {kind}" : null,
            var count when option.Arity.MaximumNumberOfValues == 1 => FormattableString.Invariant($"{name} is given {count} times: give it once"),
            _ => null,
        };
    }

    /// <summary>The kind of number that is wanted, where the text is none.</summary>
    private static string? Wanted(Type type, string text) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(int) && !int.TryParse(text, CultureInfo.InvariantCulture, out _) => "a whole number below 2147483648",
        var t when t == typeof(long) && !long.TryParse(text, CultureInfo.InvariantCulture, out _) => "a whole number",
        var t when t == typeof(double) && !double.TryParse(text, CultureInfo.InvariantCulture, out _) => "a number",
        _ => null,
    };

    private static string Nearest(string word, IEnumerable<string> known) => NearestWord.To(word, known) is { } near ? $"; did you mean {near}?" : "";

    private static bool IsOption(string word) => word.StartsWith('-');

    /// <summary>The words that call a command: sigma, evaluate, linear.</summary>
    private static List<string> Words(CommandResult? result) =>
        result is null ? [] : [.. Words(result.Parent as CommandResult), result.Command.Name];
}
