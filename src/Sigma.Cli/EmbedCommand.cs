using System.CommandLine;
using Sigma.Data;
using Sigma.Evaluation.Frozen;

namespace Sigma.Cli;

/// <summary><c>sigma embed CHECKPOINT --data PATH --out FILE</c>: a vector for every video.</summary>
internal static class EmbedCommand
{
    public static Command Create()
    {
        var options = new EncoderOptions();
        var data = CommonOptions.Data();
        var output = CommonOptions.Out("the vectors and the paths of the videos, in safetensors");
        var device = CommonOptions.DeviceName();
        var command = new Command("embed", "Makes a vector of every video, to search and to compute with.") { options.Checkpoint, data, output };
        foreach (var option in (Option[])[.. options.All, device])
            command.Add(option);
        command.SetAction(arguments =>
        {
            CommonOptions.RequireAlone("embed");
            using var signals = new StopSignals();
            using var file = new NewOutput(arguments.GetValue(output)!);
            using var encoder = options.Load(arguments);
            var views = options.Views(arguments, encoder);
            var videos = Manifest.Load(arguments.GetValue(data)!, pictures: true);
            using var features = options.Store(arguments, Console.Error)
                .Get(encoder, videos, views, FeatureKind.Mean, CommonOptions.Device(arguments.GetValue(device)!), signals.Token);
            var recipe = arguments.GetValue(options.Recipe) is { } name && File.Exists(name) ? Path.GetFullPath(name) : arguments.GetValue(options.Recipe);
            var source = new EmbeddingSource(Path.GetFullPath(encoder.Path), encoder.Hash, recipe, encoder.Clip, views.Segments, views.Crops);
            using var embeddings = Embeddings.Of(features, source);
            embeddings.Write(file.Path);
            file.Finish();
            Console.WriteLine(FormattableString.Invariant($"{embeddings.Videos.Count} of {videos.Count} videos, {embeddings.Width} numbers each: {arguments.GetValue(output)}"));
            return 0;
        });
        return command;
    }
}
