using System.CommandLine;

namespace Sigma.Cli;

/// <summary><c>sigma evaluate …</c>: what a checkpoint's features are worth.</summary>
internal static class EvaluateCommand
{
    public static Command Create() => new("evaluate", "Measures what a checkpoint is worth, and compares results.")
    {
        FrozenCommands.Linear(), FrozenCommands.Attentive(), FrozenCommands.Knn(), EvaluateViewsCommand.Create(),
        EvaluateSegmentCommand.Create(),
        EvaluateSevereCommand.Create(),
        EvaluateCompareCommand.Create(),
    };
}
