using System.Diagnostics;

namespace Sigma.Tests.Cli;

/// <summary>The program itself, as a process of its own.</summary>
internal static class Program
{
    public sealed record Outcome(int Code, string Output, string Errors);

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Sigma.Cli.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    public static Outcome Run(params string[] arguments)
    {
        using var process = Start(arguments);
        return Finish(process);
    }

    public static Outcome Finish(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill();
            throw new TimeoutException($"the program did not end\n{output.Result}\n{errors.Result}");
        }
        return new(process.ExitCode, output.Result, errors.Result);
    }
}
