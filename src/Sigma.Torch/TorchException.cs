namespace Sigma.Torch;

/// <summary>libtorch refused a call. Carries the operator, the shapes it was given, and libtorch's own first line.</summary>
public sealed class TorchException : Exception
{
    internal TorchException(string call, string message)
        : base($"{call}: {FirstLine(message)}")
    {
        Call = call;
        Details = message;
    }

    /// <summary>The operator and the types and shapes it was given, or the name of the call that failed.</summary>
    public string Call { get; }

    /// <summary>All that libtorch said.</summary>
    public string Details { get; }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
