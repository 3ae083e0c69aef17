using System.CommandLine;

namespace Sigma.Cli;

/// <summary><c>sigma data …</c>: what is done to data sets before training.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Makes and checks data sets.") { DataSynthCommand.Create(), DataPackCommand.Create(), DataScanCommand.Create(), DataSplitCommand.Create(), DataTeachCommand.Create() };
}
