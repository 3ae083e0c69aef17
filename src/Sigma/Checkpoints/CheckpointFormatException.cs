namespace Sigma.Checkpoints;

/// <summary>A checkpoint file that cannot be read: truncated, malformed, hostile, or of a kind this project does not know.</summary>
public sealed class CheckpointFormatException : Exception
{
    /// <summary>Says which file, where in it, and what is wrong.</summary>
    /// <param name="path">The file as the caller named it.</param>
    /// <param name="offset">Byte of the file near which the fault lies.</param>
    /// <param name="what">What is wrong, and what would be right.</param>
    /// <param name="inner">The error below, if there is one.</param>
    public CheckpointFormatException(string path, long offset, string what, Exception? inner = null)
        : base(offset > 0 ? $"{path}: {what} (at byte {offset})." : $"{path}: {what}.", inner)
    {
        Path = path;
        Offset = offset;
        What = what;
    }

    /// <summary>The file as the caller named it.</summary>
    public string Path { get; }

    /// <summary>Byte of the file near which the fault lies.</summary>
    public long Offset { get; }

    /// <summary>What is wrong, without path and offset.</summary>
    public string What { get; }
}
