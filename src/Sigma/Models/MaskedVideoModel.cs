using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Models;

/// <summary>
/// Everything that pre-training learns, under the published names: <c>encoder</c>, <c>encoder_to_decoder</c>,
/// <c>mask_token</c>, <c>decoder</c>, and, where the objective has them, φ as <c>head</c> and <c>prototypes</c>.
/// </summary>
public sealed class MaskedVideoModel : Module
{
    private readonly LinearLayer encoderToDecoder;
    private readonly PredictionDecoder decoder;
    private readonly Tensor maskToken;
    private readonly Tensor decoderPositions;

    /// <summary>The model of a recipe, with initial weights drawn from a seed.</summary>
    /// <param name="recipe">Sizes and objective.</param>
    /// <param name="targetWidth">Width of what a teacher gives; ignored by the targets made from pixels.</param>
    /// <param name="seed">Of the initial weights.</param>
    public MaskedVideoModel(Recipe recipe, int targetWidth, long seed)
    {
        using var scope = new TensorScope();
        var (model, objective) = (recipe.Model, recipe.Objective);
        var initialiser = new Initialiser(seed);
        var shape = EncoderShape.Of(recipe);
        var outputs = recipe.PredictedNumbers(targetWidth);
        Encoder = Part("encoder", new VideoEncoder(initialiser, shape));
        encoderToDecoder = Part("encoder_to_decoder", LinearLayer.Default(initialiser, model.Width, model.DecoderWidth, bias: false));
        maskToken = Parameter("mask_token", initialiser.TruncatedNormal(0.02, 1, 1, model.DecoderWidth));
        decoder = Part("decoder", new PredictionDecoder(initialiser, model.DecoderWidth, model.DecoderDepth, model.DecoderHeads, outputs, model.CheckpointActivations));
        decoderPositions = Constant(Positions.Fixed(shape, model.DecoderWidth));
        if (objective.Projects)
            Projection = Part("head", new ProjectionMlp(initialiser, recipe.Clip.TubeValues, objective.Projection));
        if (objective.Clusters)
            Prototypes = Parameter("prototypes", initialiser.Normal(1, objective.Prototypes, outputs));
    }

    /// <summary>The part that is kept after pre-training.</summary>
    public VideoEncoder Encoder { get; }

    /// <summary>φ, or null where the targets are pixels or a teacher's tokens.</summary>
    public ProjectionMlp? Projection { get; }

    /// <summary>[K, D], or null where nothing is clustered.</summary>
    public Tensor? Prototypes { get; }

    /// <summary>
    /// Predictions for the hidden tubes of a batch.
    /// </summary>
    /// <param name="tubes">[B, N, P], bytes, or normalised numbers.</param>
    /// <param name="visible">[B, N − M], the tubes the encoder sees.</param>
    /// <param name="hidden">[B, M], the tubes to predict.</param>
    /// <returns>[B, M, D].</returns>
    public Tensor Forward(Tensor tubes, Tensor visible, Tensor hidden)
    {
        using var scope = new TensorScope();
        return scope.Keep(Decode(Encoder.Forward(tubes, visible), visible, hidden));
    }

    /// <summary>The encoder's tokens [B, N − M, D] of the visible tubes to predictions [B, M, D] for the hidden ones.</summary>
    internal Tensor Decode(Tensor tokens, Tensor visible, Tensor hidden)
    {
        using var scope = new TensorScope();
        var seen = encoderToDecoder.Forward(tokens); // [B, N - M, D']
        var all = F.Cat([seen + Positions.At(decoderPositions, visible), maskToken + Positions.At(decoderPositions, hidden)], 1); // [B, N, D']
        return scope.Keep(decoder.Forward(all, hidden.Size(1)));
    }
}
