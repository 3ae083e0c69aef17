namespace Sigma.Torch;

/// <summary>
/// The ranks cannot go on together: one of them ended, fell silent, or did not come to a collective. The message names it
/// and the collective.
/// </summary>
public sealed class RankFailedException : Exception
{
    /// <summary>With the whole message for the person.</summary>
    public RankFailedException(string message, int? rank = null, int? exitCode = null, Exception? inner = null)
        : base(message, inner) => (Rank, ExitCode) = (rank, exitCode);

    /// <summary>The rank that failed, where it is known.</summary>
    public int? Rank { get; }

    /// <summary>How that rank's program ended, where it said so before it did; then this one ends alike.</summary>
    public int? ExitCode { get; }
}
