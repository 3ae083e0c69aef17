using System.CommandLine;
using Sigma.Cli;

var root = new RootCommand("Sigma: trains video models without labels, and shows what they learned.")
{
    DemoCommand.Create(),
    PretrainCommand.Create(),
    DataCommand.Create(),
    DoctorCommand.Create(),
};
return await ExitCodes.Run(root, args).ConfigureAwait(false);
