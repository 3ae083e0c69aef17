using Sigma.Models;
using Sigma.Recipes;
using Sigma.Torch;

namespace Sigma.Objectives;

/// <summary>
/// SIGMA's objective: the decoder predicts which cluster φ's features of a hidden tube fall into, and the other way
/// round (swapped prediction), with optimal transport keeping the clusters evenly used.
/// </summary>
/// <param name="settings">Temperature, ε, iterations, kind of assignment.</param>
/// <param name="prototypes">[K, D], trained; scaled to unit length in place before every pass.</param>
/// <param name="projection">φ, or null where the targets are features already.</param>
/// <param name="sumOverRanks">Adds a [K] vector up over the ranks; null for one rank.</param>
public sealed class SinkhornClustering(
    ObjectiveRecipe settings, Tensor prototypes, ProjectionMlp? projection, Action<Tensor>? sumOverRanks = null) : IObjective
{
    /// <inheritdoc/>
    public ObjectiveResult Compute(Tensor predictions, Tensor targets)
    {
        using var scope = new TensorScope(); // the scores are as large as all that backward needs, and are not needed there
        // 1. Prototypes to unit length, in place and without gradient.
        using (new NoGrad())
            F.Copy_(prototypes, F.Normalize(prototypes, 1));

        // 2. Both sides to unit length, and their scores. Prototypes learn from φ's side alone unless told otherwise.
        //    In float32 whatever the autocast: what follows is an exponential of score / ε.
        var features = projection is null ? targets : projection.Forward(targets);
        using var wide = new Autocast(predictions.Device, ScalarType.Float32);
        features = Unit(features); // [N, D], N = B·M
        var predicted = Unit(predictions); // [N, D]
        var pulled = settings.SymmetricPrototypeGradient ? prototypes : F.Detach(prototypes);
        var result = settings.Assignment == AssignmentKind.Hard
            ? HardAssignment(features, predicted, pulled)
            : SoftAssignment(features, predicted, pulled);
        return result.KeptFrom(scope);
    }

    /// <summary>Labels, as the published code takes them: scores [N, K] serve the assignment and the loss, and are gone before backward.</summary>
    private ObjectiveResult HardAssignment(Tensor features, Tensor predicted, Tensor pulled)
    {
        Tensor featureScores, predictedScores;
        using (new NoGrad())
            (featureScores, predictedScores) = (F.FusedLinear(features, prototypes), F.FusedLinear(predicted, prototypes)); // [N, K]

        // 3. Who belongs where, with every prototype used alike.
        var (featureScales, error) = Balance(featureScores);
        var featureLabels = Sinkhorn.Labels(featureScores, featureScales, settings.Epsilon); // [N]
        var predictedLabels = Sinkhorn.Labels(predictedScores, Balance(predictedScores).LogScales, settings.Epsilon);

        // 4. Each side predicts the other's assignment.
        var loss = F.ProductCrossEntropy(features, prototypes, featureScores, predictedLabels, settings.Temperature)
            + F.ProductCrossEntropy(predicted, pulled, predictedScores, featureLabels, settings.Temperature);
        return new(loss, F.Detach(features), F.Detach(predicted), featureLabels, error);
    }

    /// <summary>The whole Q [N, K], as the paper writes it.</summary>
    private ObjectiveResult SoftAssignment(Tensor features, Tensor predicted, Tensor pulled)
    {
        var (featureScores, predictedScores) = (F.FusedLinear(features, prototypes), F.FusedLinear(predicted, pulled)); // [N, K]
        var (featureScales, error) = Balance(featureScores);
        var featureAssignment = Sinkhorn.Assign(featureScores, featureScales, settings.Epsilon);
        var predictedAssignment = Sinkhorn.Assign(predictedScores, Balance(predictedScores).LogScales, settings.Epsilon);
        var loss = F.CrossEntropy(featureScores / settings.Temperature, predictedAssignment)
            + F.CrossEntropy(predictedScores / settings.Temperature, featureAssignment);
        return new(loss, F.Detach(features), F.Detach(predicted), F.ArgMax(featureAssignment, -1), error);
    }

    private (Tensor LogScales, Tensor? MarginalError) Balance(Tensor scores) =>
        Sinkhorn.Balance(scores, settings.Epsilon, settings.Iterations, sumOverRanks);

    private static Tensor Unit(Tensor features) =>
        F.Normalize(F.Reshape(F.To(features, ScalarType.Float32), -1, features.Size(-1)), 1);
}
