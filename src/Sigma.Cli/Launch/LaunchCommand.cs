using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sigma.Cli;

/// <summary><c>sigma launch --ranks N … -- COMMAND</c>: several processes of one command that work together.</summary>
internal static class LaunchCommand
{
    private const string Loopback = "127.0.0.1";

    public static Command Create()
    {
        var ranks = new Option<int>("--ranks") { Description = "processes on this machine: one a GPU, or a few that share the cores", Required = true };
        var nodes = new Option<int>("--nodes") { Description = "machines in all, each with as many ranks", DefaultValueFactory = _ => 1 };
        var node = new Option<int>("--node") { Description = "which of them this is, from 0" };
        var master = new Option<string?>("--master") { Description = "HOST:PORT at which machine 0 is reached by the others; the same on all" };
        var restarts = new Option<int>("--restarts") { Description = "how often to start again from the last checkpoint when a rank fails" };
        var line = new Argument<string[]>("command") { Description = "after --: a command of this program with its options", Arity = ArgumentArity.OneOrMore };
        var command = new Command("launch", "Starts several ranks of a command on this machine and watches them.") { ranks, nodes, node, master, restarts, line };
        command.SetAction(arguments =>
        {
            var (machines, machine) = (CommonOptions.AtLeast(1, nodes, arguments), CommonOptions.AtLeast(0, node, arguments));
            if (machine >= machines)
                throw new BadInputException(FormattableString.Invariant($"--node is {machine}, but with --nodes {machines} they count from 0 to {machines - 1}"));
            if (arguments.GetValue(line)![0] == "launch")
                throw new BadInputException("launch does not launch itself: after -- stands a command such as pretrain");
            var (host, port) = Master(arguments.GetValue(master), machines);
            var plan = new LaunchPlan(
                CommonOptions.AtLeast(1, ranks, arguments), machines, machine, host, port, CommonOptions.AtLeast(0, restarts, arguments), arguments.GetValue(line)!);
            using var launcher = new RankLauncher(plan);
            return launcher.Run();
        });
        return command;
    }

    /// <summary>Where the ranks meet; port 0 stands for one that is free whenever they are started.</summary>
    private static (string Host, int Port) Master(string? given, int nodes)
    {
        if (given is null)
        {
            return nodes == 1
                ? (Loopback, 0)
                : throw new BadInputException("--nodes needs --master HOST:PORT: a name or address of machine 0 that all machines reach, and a port that is free there, such as node01:29500");
        }
        var colon = given.LastIndexOf(':');
        return colon > 0 && int.TryParse(given.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? (given[..colon].Trim('[', ']'), port)
            : throw new BadInputException($"--master is {given}, but must be HOST:PORT, such as node01:29500");
    }

    /// <summary>A port nobody listens on at this moment.</summary>
    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
