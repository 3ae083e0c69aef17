using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>
/// Weighted nearest-neighbour classification (Wu et al. 2018): each of the k training clips most like a query votes for
/// its class with weight exp(cosine / temperature).
/// </summary>
public static class NearestNeighbours
{
    /// <summary>Neighbours that vote, where the bank has as many.</summary>
    public const int DefaultK = 200;

    /// <summary>The published temperature.</summary>
    public const double DefaultTemperature = 0.07;

    /// <summary>
    /// Votes for every class.
    /// </summary>
    /// <param name="bank">[N, D] features of the training clips, of any length.</param>
    /// <param name="labels">[N] their classes.</param>
    /// <param name="queries">[Q, D] features of the clips to classify.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="k">Neighbours that vote; capped by the bank.</param>
    /// <param name="temperature">Of the weights.</param>
    /// <returns>[Q, classes].</returns>
    public static Tensor Votes(Tensor bank, Tensor labels, Tensor queries, int classes, int k = DefaultK, double temperature = DefaultTemperature)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var (similarity, nearest) = Nearest(bank, queries, k);
        var voted = F.Reshape(F.IndexSelect(labels, 0, F.Reshape(nearest, -1)), nearest.Shape); // [Q, k]
        var votes = F.Zeros([queries.Size(0), classes], similarity.Type, similarity.Device);
        return scope.Keep(Operator.Get("aten::scatter_add").Call(votes, 1, voted, F.Exp(similarity / temperature)));
    }

    /// <summary>The cosines [Q, k] and the places [Q, k] of the most similar, best first.</summary>
    public static (Tensor Similarity, Tensor Index) Nearest(Tensor bank, Tensor queries, int k)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var cosines = F.Linear(F.Normalize(queries, 1), F.Normalize(bank, 1)); // [Q, N]
        var (values, indices) = F.TopK(cosines, Math.Min(k, bank.Size(0)), 1);
        return (scope.Keep(values), scope.Keep(indices));
    }
}
