using System.Diagnostics;
using System.Text.Json.Nodes;
using Sigma.Evaluation.Frozen;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Segmentation;

/// <summary>How object segmentation is evaluated.</summary>
public sealed record SegmentationOptions
{
    /// <summary>The checkpoint as the person named it.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The pre-training recipe of weights that have none beside them; null to tell the sizes from the weights.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>Which data set.</summary>
    public required SegmentationSet Set { get; init; }

    /// <summary>The folder it was unpacked in.</summary>
    public required string Root { get; init; }

    /// <summary>Which split of it.</summary>
    public required string Split { get; init; }

    /// <summary>Clustering or over-clustering.</summary>
    public required SegmentationProtocol Protocol { get; init; }

    /// <summary>Clusters a clip; null takes the protocol's.</summary>
    public int? Clusters { get; init; }

    /// <summary>Height and width at which the network sees the frames, pixels; null takes its own.</summary>
    public int? InputSize { get; init; }

    /// <summary>Of k-means and of the intervals.</summary>
    public long Seed { get; init; }

    /// <summary>Where the encoder computes.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>The processes that share the clips out.</summary>
    public Ranks Ranks { get; init; } = Ranks.Alone;

    /// <summary>Receives a picture and a video of each clip; null for none. All ranks write there.</summary>
    public string? Overlays { get; init; }
}

/// <summary>One clip's result, told as soon as it is there.</summary>
/// <param name="Done">Clips done.</param>
/// <param name="Clips">All clips.</param>
/// <param name="Name">Of the video.</param>
/// <param name="Objects">Objects in its masks, the background among them.</param>
/// <param name="MeanIou">Mean IoU over them.</param>
/// <param name="Seconds">Time it took.</param>
public sealed record ClipProgress(int Done, int Clips, string Name, int Objects, double MeanIou, double Seconds);

/// <summary>
/// Unsupervised segmentation of the objects of videos by the frozen features of their tubes (the protocol of TimeTuning,
/// Salehi et al. 2023): mean IoU over the objects of a clip, the mean of that over the clips.
/// </summary>
public static class SegmentationEvaluation
{
    /// <summary>Evaluates all clips of a split. Several ranks take turns with them, and every rank gets the result.</summary>
    /// <exception cref="BadInputException">The checkpoint or the data cannot be used.</exception>
    /// <exception cref="Media.MediaException">A frame or mask cannot be read; the message names it.</exception>
    public static EvaluationResult Run(SegmentationOptions options, Action<ClipProgress> progress, CancellationToken stop = default)
    {
        var clips = options.Set.Clips(options.Root, options.Split);
        using var encoder = FrozenEncoder.Load(options.Checkpoint, options.Recipe, clip => clip with { Size = options.InputSize ?? clip.Size });
        var ranks = options.Ranks;
        ranks.RequireSame("list of clips", ContentHash.Of(string.Join('\n', clips.Select(clip => clip.Name))), (_, _) => "check --data, --set and --split");
        ranks.RequireSame("checkpoint", encoder.Hash, (_, _) => $"{options.Checkpoint} holds other weights there");
        encoder.MoveTo(options.Device);
        var ious = new double[clips.Count];
        for (var i = ranks.Rank; i < ious.Length; i += ranks.Count)
        {
            stop.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            var found = Segment(encoder, clips[i], i, options, stop);
            ious[i] = found.Match.MeanIou;
            progress(new(i + 1, ious.Length, clips[i].Name, found.Masks.Objects.Count, ious[i], watch.Elapsed.TotalSeconds));
        }
        return new EvaluationResult
        {
            Command = "segment",
            Dataset = options.Set.Name,
            Split = options.Split,
            Views = EvaluationViews.One,
            Checkpoint = options.Checkpoint,
            CheckpointHash = encoder.Hash,
            Seed = options.Seed,
            Settings = Settings(options, encoder),
            Videos = [.. clips.Select(clip => clip.Name)],
            // Every clip is another rank's nought.
            Outcomes = [new MeanMetric("miou", ranks.Sum(ious))],
        }.WithFigures();
    }

    private static ClipSegmentation Segment(FrozenEncoder encoder, SegmentationVideo clip, int number, SegmentationOptions options, CancellationToken stop)
    {
        using var scope = new TensorScope();
        const int shown = ClipSegmentation.Size;
        var size = encoder.Clip.Size;
        int[] sizes = options.Overlays is null ? [size] : [size, shown];
        var frames = ClipPictures.Frames(clip, sizes);
        var tokens = PatchFeatures.Of(encoder.Encoder, F.To(Tensor.From(frames[0], clip.Frames.Count, size, size, 3), options.Device));
        ClipSegmentation found;
        try
        {
            found = ClipSegmentation.Of(tokens, ClipPictures.Masks(clip, shown), options.Protocol, options.Clusters, options.Seed, number, stop);
        }
        catch (BadInputException problem)
        {
            throw new BadInputException($"{clip.Name}: {problem.Message}", problem);
        }
        if (options.Overlays is { } folder)
        {
            Directory.CreateDirectory(folder);
            var overlay = new SegmentationOverlay(found, frames[1]);
            overlay.WritePicture(Path.Combine(folder, clip.Name + ".png"));
            overlay.WriteVideo(Path.Combine(folder, clip.Name + ".mp4"));
        }
        return found;
    }

    private static JsonObject Settings(SegmentationOptions options, FrozenEncoder encoder) => new()
    {
        ["protocol"] = options.Protocol == SegmentationProtocol.Clustering ? "clustering" : "overclustering",
        ["clusters"] = options.Clusters ?? (options.Protocol == SegmentationProtocol.Clustering ? null : ClipSegmentation.OverClusters),
        ["frames"] = options.Set.Frames,
        ["inputSize"] = encoder.Clip.Size,
        ["size"] = ClipSegmentation.Size,
        ["components"] = ClipSegmentation.Components,
        ["restarts"] = PixelKMeans.DefaultRestarts,
        ["iterations"] = PixelKMeans.DefaultIterations,
    };
}
