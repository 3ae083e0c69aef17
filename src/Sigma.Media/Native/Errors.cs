namespace Sigma.Media.Native;

/// <summary>Turns the error record of a native call into an exception.</summary>
internal static class Errors
{
    public static void ThrowIfFailed(Status status, in NativeError error, string path)
    {
        if (status == Status.Ok)
            return;
        string text = NativeText.Read(error.Text);
        throw status switch
        {
            Status.NotAVideo => new NotAVideoException(path, text),
            Status.Undecodable => new VideoDecodeException(path, text, error.Frame, error.Decoded),
            _ => new MediaException(path, text),
        };
    }
}
