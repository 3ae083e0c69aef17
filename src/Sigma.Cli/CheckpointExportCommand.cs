using System.CommandLine;
using Sigma.Checkpoints;
using Sigma.Checkpoints.Names;
using Sigma.Checkpoints.Torch;

namespace Sigma.Cli;

/// <summary><c>sigma checkpoint export CHECKPOINT --format published|safetensors|huggingface --out PATH</c></summary>
internal static class CheckpointExportCommand
{
    private static readonly Dictionary<string, string> TransformersNote = new() { ["format"] = "pt" };

    public static Command Create()
    {
        var path = CheckpointCommand.File();
        var root = CheckpointShowCommand.Root();
        var format = new Option<string>("--format") { Required = true, Description = "published (a .pth as SIGMA and VideoMAE publish), safetensors (published names), huggingface (a folder for transformers)" };
        format.TakesOneOf("published", "safetensors", "huggingface");
        var output = CommonOptions.Out("the file, or for huggingface the folder, to make");
        var encoderOnly = new Option<bool>("--encoder-only") { Description = "huggingface: a VideoMAEModel without decoder instead of a VideoMAEForPreTraining" };
        var heads = new Option<int?>("--heads") { HelpName = "N", Description = "huggingface: attention heads of the encoder, where no recipe.yaml of the run tells" };
        var decoderHeads = new Option<int?>("--decoder-heads") { HelpName = "N", Description = "huggingface: the same of the decoder" };
        var imageSize = new Option<int?>("--image-size") { HelpName = "PIXELS", Description = "huggingface: height and width of a frame (224 where nothing tells)" };
        var frames = new Option<int?>("--frames") { HelpName = "T", Description = "huggingface: frames of a clip (16 where nothing tells)" };
        var command = new Command("export", "Writes a checkpoint for other projects.") { path, root, format, output, encoderOnly, heads, decoderHeads, imageSize, frames };
        command.SetAction(arguments =>
        {
            var given = arguments.GetValue(path)!;
            var (chosen, target) = (arguments.GetValue(format)!, arguments.GetValue(output)!);
            if (chosen != "huggingface" && new Option[] { encoderOnly, heads, decoderHeads, imageSize, frames }.FirstOrDefault(o => arguments.GetResult(o) is { Implicit: false }) is { } unused)
                throw new BadInputException($"{unused.Name} belongs to --format huggingface; the weights are carried whole with --format {chosen}");
            using var file = CheckpointCommand.Open(given, arguments.GetValue(root));
            var state = PublishedState.Of(file);
            List<LeftBehind> leftBehind = [.. state.LeftBehind, .. FilesBeside(file.Path)];
            using (var made = new NewOutput(target))
            {
                if (chosen == "huggingface")
                {
                    var settings = ClipAndHeads.Beside(file.Path).With(
                        arguments.GetValue(heads), arguments.GetValue(decoderHeads), arguments.GetValue(imageSize), arguments.GetValue(frames));
                    leftBehind.AddRange(WriteHuggingFace(made.Path, state, settings, arguments.GetValue(encoderOnly)));
                }
                else if (chosen == "published")
                    TorchFileWriter.Write(made.Path, state.Tensors);
                else
                    SafetensorsExport.Write(made.Path, state.Tensors);
                made.Finish();
            }
            Console.WriteLine(FormattableString.Invariant($"{target}: {state.Tensors.Count} tensors of {given}"));
            CheckpointCommand.ShowLeftBehind(leftBehind);
            return 0;
        });
        return command;
    }

    private static IEnumerable<LeftBehind> WriteHuggingFace(string folder, PublishedState state, ClipAndHeads settings, bool encoderOnly)
    {
        var (model, tensors) = Network(state, encoderOnly);
        var config = HuggingFaceConfig.Of(tensors, model, settings.NeededHeads(), model == HuggingFaceModel.ForPreTraining ? settings.NeededDecoderHeads() : 0);
        config = config with
        {
            ImageSize = settings.ImageSize ?? config.ImageSize,
            NumFrames = settings.Frames ?? config.NumFrames,
            DecoderNumAttentionHeads = model == HuggingFaceModel.ForPreTraining ? config.DecoderNumAttentionHeads : new HuggingFaceConfig().DecoderNumAttentionHeads,
            NormPixLoss = settings.StandardisedTargets ?? config.NormPixLoss,
        };
        settings.Check(config);
        var renamed = HuggingFaceNames.Export(tensors, model);
        Directory.CreateDirectory(folder);
        SafetensorsExport.Write(Path.Combine(folder, "model.safetensors"), renamed.Tensors, TransformersNote);
        config.Write(Path.Combine(folder, "config.json"));
        if (renamed.Tensors.Keys.Where(name => name.StartsWith(HuggingFaceNames.Extra, StringComparison.Ordinal)).ToList() is { Count: > 0 } extra)
            Console.WriteLine($"kept under names that transformers passes over, and that come back on import: {string.Join(", ", extra)}");
        var notInEncoder = state.Tensors.Keys.Where(name => !tensors.ContainsKey(name) && !tensors.ContainsKey("encoder." + name));
        return [.. renamed.LeftOut.Concat(notInEncoder).Select(name => new LeftBehind(PublishedState.Plain(name), $"has no place in a VideoMAE{model}"))];
    }

    /// <summary>The network of transformers that takes these tensors, and the tensors under the names it is made from.</summary>
    private static (HuggingFaceModel Model, IReadOnlyDictionary<string, StoredTensor> Tensors) Network(PublishedState state, bool encoderOnly) => state.Names switch
    {
        NamingScheme.Pretraining when encoderOnly => (HuggingFaceModel.Model, state.Tensors),
        NamingScheme.Pretraining when state.Tensors.ContainsKey("encoder_to_decoder.weight") => (HuggingFaceModel.ForPreTraining, state.Tensors),
        NamingScheme.Pretraining => throw new BadInputException("the checkpoint has no decoder, so it makes no VideoMAEForPreTraining: add --encoder-only"),
        NamingScheme.FineTuning when encoderOnly => (HuggingFaceModel.Model, PublishedNames.ToPretraining(state.Tensors).Tensors),
        NamingScheme.FineTuning => (HuggingFaceModel.ForVideoClassification, state.Tensors),
        var other => throw new BadInputException($"a {other} network is no VideoMAE: export it with --format safetensors or published"),
    };

    /// <summary>Files of a run's checkpoint that other projects have no use for.</summary>
    private static IEnumerable<LeftBehind> FilesBeside(string weights)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(weights))!;
        return new (string Name, string What)[]
        {
            ("optimizer.safetensors", "the optimiser's moments, which only this run can use"),
            ("average.safetensors", "the averaged weights; to export them, name this file"),
            ("health.safetensors", "when each prototype was last used"),
            ("state.json", "where the run stood"),
        }
            .Where(file => File.Exists(Path.Combine(folder, file.Name))).Select(file => new LeftBehind(file.Name, file.What));
    }
}
