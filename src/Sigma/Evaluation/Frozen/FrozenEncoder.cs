using Sigma.Checkpoints;
using Sigma.Checkpoints.Names;
using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;
using Sigma.Training;

namespace Sigma.Evaluation.Frozen;

/// <summary>
/// The encoder of a checkpoint, as it is, with what is known of the clips it wants: from the recipe of its run, else from the
/// shapes of its weights and the published settings. A classifier's encoder has no norm of its own: its tokens are what the
/// classifier takes the mean of.
/// </summary>
public sealed class FrozenEncoder : IDisposable
{
    private const string EncoderPrefix = "encoder.";
    private const string LearnedPositions = "pos_embed";
    private const string FinalNorm = "norm.weight";
    private const string ClassifierNorm = "fc_norm.weight";

    private FrozenEncoder(VideoEncoder encoder, LabelledClipRecipe clip, string path, string hash) =>
        (Encoder, Clip, Path, Hash) = (encoder, clip, path, hash);

    /// <summary>The network.</summary>
    public VideoEncoder Encoder { get; }

    /// <summary>The clips it reads.</summary>
    public LabelledClipRecipe Clip { get; }

    /// <summary>The file with its weights.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of that file.</summary>
    public string Hash { get; }

    /// <summary>Loads an encoder.</summary>
    /// <param name="path">A run's folder (its newest whole checkpoint; of fine-tuning its best weights), one of its checkpoints, or a file of weights of any known names.</param>
    /// <param name="recipe">Of weights that have none beside them; null to tell the sizes from the weights.</param>
    /// <param name="change">Other clips than those it was trained on, whose positions are then resampled; null for none.</param>
    /// <exception cref="BadInputException">There are no such weights, or they hold no encoder of these sizes.</exception>
    public static FrozenEncoder Load(string path, Recipe? recipe = null, Func<LabelledClipRecipe, LabelledClipRecipe>? change = null)
    {
        var checkpoint = RunCheckpoint.Find(path);
        try
        {
            using var file = CheckpointFile.Open(checkpoint.Path);
            var stored = Stored(file.Path, PublishedState.Of(file));
            var trained = checkpoint.Recipe ?? (checkpoint.FineTuning is { } tuned ? Described(tuned) : recipe ?? Guess(file.Path, stored));
            var clip = checkpoint.FineTuning?.Clip ?? Labelled(trained.Clip);
            clip = change?.Invoke(clip) ?? clip;
            Check(clip);
            var shape = ShapeOf(trained, clip) with { FinalNorm = stored.ContainsKey(FinalNorm) };
            using var scope = new TensorScope();
            var encoder = new VideoEncoder(new Initialiser(0), shape);
            try
            {
                WeightTransfer.Into(checkpoint.Path, encoder, shape, state => Stored(file.Path, state), _ => true);
                encoder.RequireGradients(false);
                return new(encoder, clip, file.Path, file.Hash());
            }
            catch
            {
                encoder.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is CheckpointFormatException or StateMismatchException or IOException)
        {
            throw new BadInputException(failure is IOException ? $"{path} cannot be read: {failure.Message}" : failure.Message, failure);
        }
    }

    /// <summary>Moves the weights to where the clips will be.</summary>
    public void MoveTo(Device device) => Encoder.MoveTo(device);

    /// <summary>Tokens [B, N, D] of clips [B, T, H, W, 3] of bytes, all tubes seen.</summary>
    public Tensor Tokens(Tensor clips)
    {
        using var noGrad = new NoGrad();
        return Encoder.Forward(clips);
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Encoder.Dispose();

    /// <summary>The encoder's tensors under their names within it.</summary>
    private static Dictionary<string, StoredTensor> Stored(string file, PublishedState state)
    {
        var tensors = state.Names switch
        {
            NamingScheme.Pretraining => state.Tensors,
            NamingScheme.FineTuning => PublishedNames.ToPretraining(state.Tensors).Tensors,
            var other => throw new BadInputException($"{file} holds a {other} network, but an encoder of videos is wanted"),
        };
        return tensors.ContainsKey(EncoderPrefix + FinalNorm) || state.Tensors.ContainsKey(ClassifierNorm)
            ? tensors.Where(t => t.Key.StartsWith(EncoderPrefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[EncoderPrefix.Length..], t => t.Value)
            : throw new BadInputException($"{file} has neither {EncoderPrefix}{FinalNorm}, the norm of a pre-trained encoder, nor {ClassifierNorm}, that of a classifier");
    }

    /// <summary>The encoder of a classifier, as a recipe of pre-training describes it.</summary>
    private static Recipe Described(FineTuneRecipe tuned) => new()
    {
        Model = new()
        {
            Width = tuned.Model.Width,
            Depth = tuned.Model.Depth,
            Heads = tuned.Model.Heads,
            Positions = tuned.Model.Positions,
            PositionFrames = tuned.Model.PositionFrames,
            PositionSize = tuned.Model.PositionSize,
        },
        Clip = tuned.Clip.Shape,
    };

    /// <summary>The published network of these weights' width and depth, on clips of 16 frames of 224 pixels.</summary>
    private static Recipe Guess(string file, Dictionary<string, StoredTensor> stored)
    {
        var sizes = NetworkSizes.Of(stored.ToDictionary(t => EncoderPrefix + t.Key, t => t.Value));
        var model = Enum.GetValues<ModelSize>().Select(ModelRecipe.Of).FirstOrDefault(m => sizes is not null && m.Width == sizes.Width && m.Depth == sizes.Depth)
            ?? throw new BadInputException($"{file} has an encoder of width {sizes?.Width} and depth {sizes?.Depth}, which is none of the published sizes, and no recipe.yaml beside it: give its --recipe");
        return new Recipe
        {
            Model = model with { Positions = stored.ContainsKey(LearnedPositions) ? PositionTable.Learned : PositionTable.Fixed },
            Clip = new() { TubeFrames = (int)(sizes!.TubeFrames ?? 2), TubeSize = (int)sizes.TubeSize },
        };
    }

    private static LabelledClipRecipe Labelled(ClipRecipe clip) => new()
    {
        Frames = clip.Frames,
        Stride = clip.Stride,
        Size = clip.Size,
        TubeFrames = clip.TubeFrames,
        TubeSize = clip.TubeSize,
    };

    private static void Check(LabelledClipRecipe clip)
    {
        if (clip.TubeFrames < 1 || clip.TubeSize < 1 || clip.Frames < 1 || clip.Frames % clip.TubeFrames != 0 || clip.Size < 1 || clip.Size % clip.TubeSize != 0 || clip.Stride < 1)
            throw new BadInputException(FormattableString.Invariant(
                $"clips of {clip.Frames} frames of {clip.Size} pixels, every {clip.Stride}, cannot be cut into tubes of {clip.TubeFrames} frames of {clip.TubeSize}: --frames and --size must be multiples of a tube's, --stride at least 1"));
    }

    private static EncoderShape ShapeOf(Recipe trained, LabelledClipRecipe clip)
    {
        var (frames, size) = (trained.Model.PositionFrames ?? trained.Clip.Frames, trained.Model.PositionSize ?? trained.Clip.Size);
        return EncoderShape.Of(trained with
        {
            Clip = clip.Shape,
            Model = trained.Model with
            {
                CheckpointActivations = false,
                PositionFrames = frames == clip.Frames ? null : frames,
                PositionSize = size == clip.Size ? null : size,
            },
        });
    }
}
