using System.CommandLine;
using Sigma.Cli;

var root = new RootCommand("Sigma: trains video models without labels, and shows what they learned.")
{
    PretrainCommand.Create(),
    DoctorCommand.Create(),
};
return await ExitCodes.Run(root, args).ConfigureAwait(false);
