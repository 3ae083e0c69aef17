using System.CommandLine;
using Sigma.Evaluation.Frozen;
using Sigma.Torch;

namespace Sigma.Cli;

/// <summary><c>sigma search EMBEDDINGS QUERY</c>: the videos most like one.</summary>
internal static class SearchCommand
{
    public static Command Create()
    {
        var embeddings = new Argument<string>("embeddings") { Description = "what sigma embed wrote" };
        var query = new Argument<string>("query") { Description = "a video or a picture; one of those in the file, or any other" };
        var top = new Option<int>("--top") { HelpName = "K", DefaultValueFactory = _ => 10, Description = "how many to show" };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "where the weights are now, for a video that is not in the file (else where they were)" };
        var recipe = EncoderOptions.RecipeOption();
        var device = CommonOptions.DeviceName();
        var json = CommonOptions.Json();
        var command = new Command("search", "Finds the videos most like one.") { embeddings, query, top, checkpoint, recipe, device, json };
        command.SetAction(arguments =>
        {
            var (video, most) = (arguments.GetValue(query)!, CommonOptions.AtLeast(1, top, arguments));
            using var signals = new StopSignals();
            using var scope = new TensorScope();
            using var known = Embeddings.Read(arguments.GetValue(embeddings)!);
            var vector = known.Find(video) ?? Embed(
                video, known.Source, arguments.GetValue(checkpoint), arguments.GetValue(recipe), CommonOptions.Device(arguments.GetValue(device)!), signals.Token);
            // A video is most like itself, which nobody needs to be told.
            var found = known.Nearest(vector, most + 1).Where(f => f.Video != Path.GetFullPath(video)).Take(most).ToArray();
            foreach (var (path, cosine) in found)
                Console.WriteLine(FormattableString.Invariant($"{cosine,7:0.0000}  {path}"));
            if (arguments.GetValue(json) is { } file)
                JsonFile.Write(file, new { query = video, known.Source.CheckpointHash, results = found.Select(f => new { f.Video, f.Cosine }) });
            return 0;
        });
        return command;
    }

    private static Tensor Embed(string video, EmbeddingSource source, string? checkpoint, string? recipe, Device device, CancellationToken stop)
    {
        var weights = checkpoint ?? source.Checkpoint;
        if (checkpoint is null && !Path.Exists(weights))
            throw new BadInputException($"the weights that the file was made with are not at {weights} any more: tell where they are with --checkpoint");
        using var encoder = FrozenEncoder.Load(weights, EncoderOptions.RecipeNamed(recipe ?? source.Recipe), _ => source.Clip);
        if (encoder.Hash != source.CheckpointHash)
            throw new BadInputException($"{encoder.Path} holds other weights than the file was made with (sha256 {encoder.Hash[..12]}, not {source.CheckpointHash}): name the right ones with --checkpoint, or embed the videos anew");
        encoder.MoveTo(device);
        return Embeddings.Of(video, encoder, source, device, stop);
    }
}
