using System.CommandLine;
using Sigma.Checkpoints;

namespace Sigma.Cli;

/// <summary><c>sigma checkpoint import FILE --out FILE.safetensors</c>: any known checkpoint, under the published names.</summary>
internal static class CheckpointImportCommand
{
    public static Command Create()
    {
        var path = CheckpointCommand.File();
        var root = CheckpointShowCommand.Root();
        var output = CommonOptions.Out("the safetensors file to make");
        var command = new Command("import", "Turns a foreign checkpoint into safetensors under the published names.") { path, root, output };
        command.SetAction(arguments =>
        {
            using var file = CheckpointCommand.Open(arguments.GetValue(path)!, arguments.GetValue(root));
            var state = PublishedState.Of(file);
            using (var made = new NewOutput(arguments.GetValue(output)!))
            {
                SafetensorsExport.Write(made.Path, state.Tensors);
                made.Finish();
            }
            Console.WriteLine(FormattableString.Invariant($"{arguments.GetValue(output)}: {state.Tensors.Count} tensors ({state.Source} names in {file.Format})"));
            CheckpointCommand.ShowLeftBehind(state.LeftBehind);
            return 0;
        });
        return command;
    }
}
