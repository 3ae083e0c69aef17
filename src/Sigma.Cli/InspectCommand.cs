using System.CommandLine;

namespace Sigma.Cli;

/// <summary><c>sigma inspect …</c>: shows what the method does with videos.</summary>
internal static class InspectCommand
{
    public static Command Create() => new("inspect", "Shows what the method does with videos.")
    {
        InspectMasksCommand.Create(),
        InspectMotionCommand.Create(),
        InspectAssignmentsCommand.Create(),
        InspectPrototypesCommand.Create(),
        InspectFeaturesCommand.Create(),
    };

    /// <summary>The run whose prototypes are looked at.</summary>
    public static Argument<string> Run() => new("run") { Description = "a pre-training run's folder, or one of its checkpoints" };

    /// <summary>The video that is looked at.</summary>
    public static Argument<string> Video() => new("video") { Description = "any video file" };

    /// <summary>Refuses outputs that would overwrite the video they are about.</summary>
    public static void RequireOwnNames(string video, params string?[] outputs)
    {
        if (outputs.OfType<string>().Any(file => Path.GetFullPath(file) == Path.GetFullPath(video)))
            throw new BadInputException($"{video} would be overwritten: give --out and --json names of their own");
    }
}
