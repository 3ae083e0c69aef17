using System.CommandLine;
using System.CommandLine.Help;
using Sigma.Cli;

// A plain command, since a root command would call itself by its file's name.
var root = new Command("sigma", "Trains video models without labels, and shows what they learned.")
{
    new HelpOption { Recursive = true },
    new VersionOption(),
    DemoCommand.Create(),
    PretrainCommand.Create(),
    FinetuneCommand.Create(),
    EvaluateCommand.Create(),
    EmbedCommand.Create(),
    SearchCommand.Create(),
    BoardCommand.Create(),
    LaunchCommand.Create(),
    DataCommand.Create(),
    InspectCommand.Create(),
    CheckpointCommand.Create(),
    BenchCommand.Create(),
    DoctorCommand.Create(),
};
return await ExitCodes.Run(root, args).ConfigureAwait(false);

/// <summary>The program, of which nothing else is made: what comes with ASP.NET would make it public.</summary>
internal sealed partial class Program;
