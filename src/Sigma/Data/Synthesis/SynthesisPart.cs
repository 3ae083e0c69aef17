namespace Sigma.Data.Synthesis;

/// <summary>The two parts of a rendered set. The numbers are part of what makes a set repeatable.</summary>
public enum SynthesisPart
{
    /// <summary>Clips to learn from, in <c>train/</c>.</summary>
    Train = 0,

    /// <summary>Clips to try out on, in <c>val/</c>.</summary>
    Val = 1,
}
