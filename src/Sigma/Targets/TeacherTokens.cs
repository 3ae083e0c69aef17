using Sigma.Torch;

namespace Sigma.Targets;

/// <summary>From a teacher's tokens for a whole clip to targets for the hidden tubes.</summary>
public static class TeacherTokens
{
    private const double Epsilon = 1e-6;

    /// <summary>
    /// Tokens [B, N, D] standardised per channel over all N tokens of the clip (unbiased deviation + 1e-6), then those
    /// at an index [B, M]: [B, M, D].
    /// </summary>
    public static Tensor Hidden(Tensor tokens, Tensor hidden, bool standardise)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        tokens = F.To(tokens, ScalarType.Float32);
        if (standardise)
        {
            var deviation = F.Sqrt(F.Variance(tokens, [1], unbiased: true, keep: true)) + Epsilon;
            tokens = (tokens - F.Mean(tokens, [1], keep: true)) / deviation;
        }
        var index = F.Expand(F.Unsqueeze(hidden, 2), -1, -1, tokens.Size(2)); // [B, M, D]
        return scope.Keep(F.Gather(tokens, 1, index));
    }
}
