using System.CommandLine;
using Sigma.Checkpoints;
using Sigma.Data;
using Sigma.Media;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary>
/// How every command ends: 0 done, 1 failed while running, 2 wrong use or bad input, 3 stopped because the run diverged
/// or collapsed, 130 interrupted after saving.
/// </summary>
internal static class ExitCodes
{
    public const int Failed = 1;
    public const int BadInput = 2;
    public const int Stopped = 3;
    public const int Interrupted = 130;

    /// <summary>Parses and runs; whatever goes wrong becomes a message on standard error and an exit code.</summary>
    public static async Task<int> Run(Command root, string[] arguments)
    {
        // A name that begins with @ is a name, not a file with more arguments.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
            return UsageErrors.Tell(parsed, root);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // Work on several cores wraps what went wrong on one of them.
            var failure = thrown is AggregateException { InnerException: { } inner } ? inner : thrown;
            var code = Of(failure);
            await Console.Error.WriteLineAsync($"sigma: {Message(failure, code)}").ConfigureAwait(false);
            return code;
        }
    }

    private static string Message(Exception failure, int code) => failure switch
    {
        // Nobody wrote a message for it.
        OperationCanceledException when failure.Message == new OperationCanceledException().Message => "interrupted",
        IOException or TorchException or RankFailedException => failure.Message,
        _ => code == Failed ? failure.ToString() : failure.Message,
    };

    /// <summary>How a program ends after an exception.</summary>
    public static int Of(Exception failure) => failure switch
    {
        RankFailedException { ExitCode: { } code } => code,
        BadInputException or RecipeException or ManifestException or TooManyUnreadableException or MediaException
            or ArgumentException or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException
            or CheckpointFormatException or StateMismatchException => BadInput,
        RunStoppedException => Stopped,
        OperationCanceledException => Interrupted,
        _ => Failed,
    };
}
