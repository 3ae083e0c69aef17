namespace Sigma.Media;

/// <summary>A video or picture could not be read or written. The message names the file, what FFmpeg said, and what would be right.</summary>
public class MediaException : Exception
{
    /// <summary>A failure with one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="message">What was wrong, without the file's name, which is put in front.</param>
    public MediaException(string path, string message)
        : base($"{path}: {message}") => Path = path;

    /// <summary>The file as it was named by the caller.</summary>
    public string Path { get; }
}

/// <summary>The file cannot be opened as a video: missing, empty, of another kind, damaged from the start, or without a video stream.</summary>
public sealed class NotAVideoException : MediaException
{
    /// <inheritdoc cref="MediaException(string, string)"/>
    public NotAVideoException(string path, string message)
        : base(path, message)
    {
    }
}

/// <summary>The file is a video, but a frame that was asked for does not decode: none does, or the file breaks off before it.</summary>
public sealed class VideoDecodeException : MediaException
{
    /// <inheritdoc cref="MediaException(string, string)"/>
    /// <param name="path">The file.</param>
    /// <param name="message">What was wrong, without the file's name.</param>
    /// <param name="frame">The first frame asked for that does not exist.</param>
    /// <param name="framesDecoded">How many frames of the file decode.</param>
    public VideoDecodeException(string path, string message, int frame, int framesDecoded)
        : base(path, message)
    {
        Frame = frame;
        FramesDecoded = framesDecoded;
    }

    /// <summary>The first frame asked for that does not decode, counted from 0.</summary>
    public int Frame { get; }

    /// <summary>How many frames of the file decode: 0 to <see cref="FramesDecoded"/> − 1 can be read.</summary>
    public int FramesDecoded { get; }
}

/// <summary>The native part of this assembly, or FFmpeg beneath it, does not load.</summary>
public sealed class MediaLibraryException : Exception
{
    internal MediaLibraryException(IReadOnlyList<string> searched)
        : base($"""
            FFmpeg's door, libsigma_media.so, does not load. Searched:
              {string.Join("\n  ", searched)}
            Install FFmpeg's libraries and build again:
              apt-get install libavformat-dev libavcodec-dev libavfilter-dev libswscale-dev libavutil-dev cmake g++ pkg-config
              dotnet build
            """) => Searched = searched;

    /// <summary>Each place that was tried, with what went wrong there.</summary>
    public IReadOnlyList<string> Searched { get; }
}
