using System.CommandLine;
using Sigma.Training;

namespace Sigma.Cli;

/// <summary><c>sigma checkpoint …</c>: weights of this project and of others.</summary>
internal static class CheckpointCommand
{
    public static Command Create() => new("checkpoint", "Shows checkpoints, and carries them from and to other projects.")
    {
        CheckpointShowCommand.Create(), CheckpointImportCommand.Create(), CheckpointExportCommand.Create(),
    };

    /// <summary>The argument that all of them take.</summary>
    public static Argument<string> File() => new("checkpoint")
    {
        Description = "a .pth, .pt, .bin or .safetensors file, a run's folder, one of its checkpoints, or a folder of Hugging Face",
    };

    /// <summary>Opens a checkpoint that a person named.</summary>
    public static Checkpoints.CheckpointFile Open(string path, string? root = null)
    {
        if (!Path.Exists(path))
            throw new BadInputException($"{path}: there is no such file or folder");
        // Of a run, the weights that all other commands take.
        return Checkpoints.CheckpointFile.Open(Directory.Exists(path) ? RunCheckpoint.Find(path).Path : path, root);
    }

    /// <summary>Says what was not carried over.</summary>
    public static void ShowLeftBehind(IReadOnlyList<Checkpoints.LeftBehind> leftBehind)
    {
        if (leftBehind.Count == 0)
            Console.WriteLine("everything was carried over");
        else
            Console.WriteLine("not carried over:");
        foreach (var (name, what) in leftBehind)
            Console.WriteLine($"  {name}: {what}");
    }
}
