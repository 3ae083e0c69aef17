using Sigma.Torch;

namespace Sigma.Evaluation;

/// <summary>Share of clips whose class got the highest score.</summary>
public static class Accuracy
{
    /// <summary>In [0, 1], of scores [Q, classes] against labels [Q].</summary>
    public static double Top1(Tensor scores, Tensor labels)
    {
        var (predicted, wanted) = (F.ArgMax(scores, 1).ToArray<long>(), labels.ToArray<long>());
        return predicted.Zip(wanted).Count(p => p.First == p.Second) / (double)wanted.Length;
    }
}
