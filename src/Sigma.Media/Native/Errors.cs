namespace Sigma.Media.Native;

/// <summary>Turns the error record of a native call into an exception.</summary>
internal static class Errors
{
    public static void ThrowIfFailed(Status status, in NativeError error, string path)
    {
        if (status == Status.Ok)
            return;
        // .NET reads names as UTF-8, and puts this character where they are not: such a file cannot be named any more.
        string text = path.Contains('\uFFFD', StringComparison.Ordinal) && !File.Exists(path) ? "its name is not written in UTF-8: rename it" : NativeText.Read(error.Text);
        throw status switch
        {
            Status.NotAVideo => new NotAVideoException(path, text),
            Status.Undecodable => new VideoDecodeException(path, text, error.Frame, error.Decoded),
            _ => new MediaException(path, text),
        };
    }
}
