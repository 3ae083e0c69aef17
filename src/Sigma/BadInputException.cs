namespace Sigma;

/// <summary>
/// What a person gave cannot be used: a file, a key, a flag. The message names it and says what would be right; a
/// program ends with exit code 2.
/// </summary>
public class BadInputException : Exception
{
    /// <summary>With the whole message for the person.</summary>
    public BadInputException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
