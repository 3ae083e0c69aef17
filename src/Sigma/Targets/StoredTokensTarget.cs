using Sigma.Torch;

namespace Sigma.Targets;

/// <summary>A teacher's tokens that were made ahead: SIGMA-DINO without running DINO.</summary>
/// <param name="stored">Where they are kept.</param>
/// <param name="standardise">Per channel over the clip, as published; else plain.</param>
public sealed class StoredTokensTarget(StoredTokens stored, bool standardise) : ITarget
{
    /// <inheritdoc/>
    public int Width => stored.Width;

    /// <inheritdoc/>
    public Tensor Of(Tensor clips, Tensor tubes, Tensor hidden, Tensor? tokens = null) =>
        TeacherTokens.Hidden(tokens ?? throw new ArgumentNullException(nameof(tokens), "the loader was not given the stored tokens"), hidden, standardise);
}
