using System.CommandLine;
using Sigma.Board;

namespace Sigma.Cli;

/// <summary><c>sigma board --runs DIR</c>: the web page over run folders.</summary>
internal static class BoardCommand
{
    public static Command Create()
    {
        var runs = new Option<string>("--runs") { HelpName = "DIR", Description = "the folder that is searched for runs, to any depth", Required = true };
        var port = new Option<int>("--port") { HelpName = "N", Description = "where the page is, on this machine alone; 0 takes any that is free", DefaultValueFactory = _ => BoardServer.DefaultPort };
        var command = new Command("board", "Shows runs as a web page while they train: their state, their curves over one another, what differs between them.") { runs, port };
        command.SetAction(async (arguments, _) =>
        {
            CommonOptions.RequireAlone("board");
            var number = arguments.GetValue(port);
            if (number is < 0 or > ushort.MaxValue)
                throw new BadInputException($"--port is {number}, but must be from 0 to {ushort.MaxValue}");
            using var signals = new StopSignals();
            var server = await BoardServer.Start(arguments.GetValue(runs)!, number).ConfigureAwait(false);
            await using var serving = server.ConfigureAwait(false);
            Console.WriteLine($"board: {server.Address}");
            await Console.Error.WriteLineAsync($"""
                Ctrl-C ends it. From another machine: ssh -L {server.Address.Port}:127.0.0.1:{server.Address.Port} {Environment.UserName}@{Environment.MachineName}
                and then the same address there.
                """).ConfigureAwait(false);
            await server.Serve(signals.Token).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
