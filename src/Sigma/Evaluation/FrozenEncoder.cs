using Sigma.Checkpoints;
using Sigma.Checkpoints.Names;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation;

/// <summary>
/// The encoder of a checkpoint, its weights fixed, and the clips it was made for: those of the run's recipe, else those of a
/// <c>config.json</c> beside the weights, else the published 16 frames of 224×224 pixels.
/// </summary>
public sealed class FrozenEncoder : IDisposable
{
    private const string EncoderPrefix = "encoder.";

    private FrozenEncoder(string path, string hash, VideoEncoder network, ClipRecipe clip) => (Path, Hash, Network, Clip) = (path, hash, network, clip);

    /// <summary>The file with the weights.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of that file, in lower-case hexadecimal.</summary>
    public string Hash { get; }

    /// <summary>The encoder.</summary>
    public VideoEncoder Network { get; }

    /// <summary>Frames, stride and size of its clips and tubes.</summary>
    public ClipRecipe Clip { get; }

    /// <summary>Loads a checkpoint.</summary>
    /// <param name="checkpoint">A run's folder, one of its checkpoints, or a file of weights of any known names.</param>
    /// <param name="size">Height and width of the frames it is to see, pixels; null takes its own. Positions are resampled for others.</param>
    /// <exception cref="BadInputException">There are no such weights, they cannot be read, they hold no encoder of videos, or the size is no multiple of a tube's.</exception>
    public static FrozenEncoder Load(string checkpoint, int? size = null)
    {
        var found = RunCheckpoint.Find(checkpoint);
        try
        {
            using var file = CheckpointFile.Open(found.Path);
            var published = PublishedState.Of(file);
            var state = published.Names == NamingScheme.FineTuning ? PublishedNames.ToPretraining(published.Tensors).Tensors : published.Tensors;
            if (NetworkSizes.Of(state) is not { TubeFrames: { } tubeFrames } sizes || published.Names is NamingScheme.DinoV1 or NamingScheme.DinoV2)
                throw new BadInputException($"{file.Path} holds no encoder of videos; wanted is a checkpoint of SIGMA or VideoMAE");
            var (clip, heads) = Told(found, file.Path, sizes);
            clip = clip with { TubeFrames = (int)tubeFrames, TubeSize = (int)sizes.TubeSize };
            if (sizes.Width % heads != 0 || clip.Frames % clip.TubeFrames != 0 || clip.Size % clip.TubeSize != 0)
                throw new BadInputException($"{file.Path} has tubes of {clip.TubeFrames}×{clip.TubeSize}×{clip.TubeSize} and width {sizes.Width}, which does not fit clips of {clip.Frames} frames of {clip.Size}×{clip.Size} and {heads} heads");
            var own = new EncoderShape(
                (int)sizes.Width, sizes.Depth, heads, clip.Slices, clip.Grid, clip.TubeFrames, clip.TubeSize,
                state.ContainsKey(EncoderPrefix + "pos_embed"), TableOf: Table(found, clip));
            clip = clip with { Size = size ?? clip.Size };
            if (clip.Size < 1 || clip.Size % clip.TubeSize != 0)
                throw new BadInputException($"the size is {clip.Size}, but must be a multiple of a tube's, {clip.TubeSize} pixels");
            return new(file.Path, file.Hash(), Filled(own, clip.Grid, state, file.Path), clip);
        }
        catch (Exception failure) when (failure is CheckpointFormatException or CheckpointMismatchException or IOException)
        {
            throw new BadInputException($"{checkpoint} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Network.Dispose();

    private static (ClipRecipe Clip, int Heads) Told(RunCheckpoint found, string weights, NetworkSizes sizes)
    {
        if (found.Recipe is { } recipe)
            return (recipe.Clip, recipe.Model.Heads);
        if (found.FineTuning is { } tuned)
            return (tuned.Clip.Shape, tuned.Model.Heads);
        var config = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(weights))!, "config.json");
        if (File.Exists(config))
        {
            var network = HuggingFaceConfig.Read(config);
            return (new ClipRecipe { Frames = network.NumFrames, Size = network.ImageSize }, network.NumAttentionHeads);
        }
        var named = Enum.GetValues<ModelSize>().Select(ModelRecipe.Of).FirstOrDefault(model => model.Width == sizes.Width)
            ?? throw new BadInputException($"{weights}: no recipe.yaml of a run and no config.json tells how many attention heads an encoder of width {sizes.Width} has");
        return (new ClipRecipe(), named.Heads);
    }

    /// <summary>Slices and rows of the clips that the positions belong to, where a run's recipe tells others than its clips'.</summary>
    private static (int Slices, int Rows)? Table(RunCheckpoint found, ClipRecipe clip)
    {
        var known = found.Recipe is not null || found.FineTuning is not null;
        var (frames, size) = known ? found.PositionsOf : (clip.Frames, clip.Size);
        return (frames, size) == (clip.Frames, clip.Size) ? null : (frames / clip.TubeFrames, size / clip.TubeSize);
    }

    private static VideoEncoder Filled(EncoderShape own, int rows, IReadOnlyDictionary<string, StoredTensor> state, string path)
    {
        using var scope = new TensorScope();
        var network = new VideoEncoder(
            new Initialiser(0), rows == own.Rows ? own : own with { Rows = rows, TableOf = own.TableOf ?? (own.Slices, own.Rows) });
        try
        {
            var weights = new Dictionary<string, Tensor>();
            foreach (var (name, value) in network.Parameters())
            {
                // A classifier has no norm at this place: its tokens are normalised without weights.
                if (state.TryGetValue(EncoderPrefix + name, out var stored))
                    weights.Add(name, AtSize(name, F.To(stored.ToTensor(), ScalarType.Float32), own, rows));
                else if (name.StartsWith("norm.", StringComparison.Ordinal))
                    weights.Add(name, value);
            }
            network.Load(weights);
            network.RequireGradients(false);
            return network;
        }
        catch (StateMismatchException mismatch)
        {
            network.Dispose();
            throw new BadInputException($"{path} holds no whole encoder: {mismatch.Message}", mismatch);
        }
    }

    /// <summary>A learned table of positions at other rows; everything else as it is.</summary>
    private static Tensor AtSize(string name, Tensor value, EncoderShape own, int rows) => name == "pos_embed" && rows != own.Rows && value.Elements == (long)own.Tubes * own.Width
        ? F.Unsqueeze(Positions.Resampled(F.Reshape(value, -1, own.Width), (own.Slices, own.Rows), (own.Slices, rows)), 0)
        : value;
}
