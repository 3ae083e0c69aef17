using System.CommandLine;

namespace Sigma.Cli;

/// <summary><c>sigma inspect …</c>: shows what the method does with a video.</summary>
internal static class InspectCommand
{
    public static Command Create() => new("inspect", "Shows what the method does with a video.") { InspectMasksCommand.Create() };
}
