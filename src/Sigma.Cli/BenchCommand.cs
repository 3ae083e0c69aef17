using System.CommandLine;

namespace Sigma.Cli;

/// <summary><c>sigma bench …</c>: measures this program's parts against the plain way of doing the same, here and now.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measures the parts of training against the plain way of doing the same.")
    {
        BenchAttentionCommand.Create(),
        BenchCallsCommand.Create(),
        BenchLoaderCommand.Create(),
        BenchParityCommand.Create(),
        BenchRanksCommand.Create(),
        BenchScalingCommand.Create(),
        BenchSinkhornCommand.Create(),
        BenchStepCommand.Create(),
    };
}
