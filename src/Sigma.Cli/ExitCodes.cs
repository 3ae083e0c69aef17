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
        var parsed = root.Parse(arguments);
        try
        {
            var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? BadInput : code;
        }
        catch (Exception thrown)
        {
            // Work on several cores wraps what went wrong on one of them.
            var failure = thrown is AggregateException { InnerException: { } inner } ? inner : thrown;
            var code = Of(failure);
            await Console.Error.WriteLineAsync($"sigma: {(code == Failed && failure is not (IOException or TorchException or RankFailedException) ? failure.ToString() : failure.Message)}").ConfigureAwait(false);
            return code;
        }
    }

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
