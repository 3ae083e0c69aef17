using Sigma.Torch;

namespace Sigma.Training;

/// <summary>
/// RankMe (Garrido et al. 2023): exp of the entropy of the singular values divided by their sum. d for features that use
/// d directions alike, 1 when all rows are multiples of one vector, 0 where there is nothing but zeros.
/// </summary>
public static class EffectiveRank
{
    private const int MostRows = 512;

    /// <summary>
    /// RankMe of features [N, D] over at most 512 of their rows, evenly spaced; null where they are not finite. The host
    /// waits for the device here.
    /// </summary>
    /// <param name="features">[N, D].</param>
    /// <param name="ranks">Whose rows, as many on each, follow each other; null for this process alone.</param>
    public static double? Of(Tensor features, Ranks? ranks = null)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        var (own, all) = (features.Size(0), features.Size(0) * (ranks?.Count ?? 1));
        var first = own * (ranks?.Rank ?? 0);
        if (all > MostRows)
        {
            // The rows that one process holding all of them would choose; each rank sends those it has.
            long[] here = [.. Enumerable.Range(0, MostRows).Select(i => i * all / MostRows - first).Where(row => row >= 0 && row < own)];
            features = F.IndexSelect(features, 0, F.To(Tensor.From(here), features.Device));
        }
        features = ranks?.GatherRows(features) ?? features;

        // Singular values are the roots of the eigenvalues of the smaller Gram matrix: far cheaper than an SVD, and in
        // double exact to a 10⁻⁸th of the largest.
        features = F.To(features, ScalarType.Float64);
        var turned = F.Transpose(features, 0, 1);
        var gram = features.Size(0) < features.Size(1) ? F.MatMul(features, turned) : F.MatMul(turned, features);
        if (!double.IsFinite(F.Sum(gram).Item()))
            return null;
        double[] singular = [.. Operator.Get("aten::linalg_eigvalsh").Call(gram, "L").ToArray<double>().Select(v => Math.Sqrt(Math.Max(v, 0)))];
        var sum = singular.Sum();
        return sum == 0 ? 0 : Math.Exp(-singular.Where(s => s > 0).Sum(s => s / sum * Math.Log(s / sum)));
    }
}
