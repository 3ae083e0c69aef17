using Sigma.Media;

namespace Sigma.Training.Report;

/// <summary>Pictures of a clip's frames, as they are and as the encoder sees them.</summary>
internal sealed class ClipPictures
{
    // Neither black nor white, so that a hatched tube is told from a dark and from a bright picture.
    private static ReadOnlySpan<byte> Ground => [58, 62, 70];

    private static ReadOnlySpan<byte> Hatch => [98, 104, 116];

    private readonly ReportClip _clip;
    private readonly int _shrink;

    /// <summary>Takes a clip.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="longestSide">Larger pictures are shrunk by a whole factor to at most this many pixels.</param>
    /// <exception cref="ArgumentException">The clip's bytes or its mask do not fit its size.</exception>
    public ClipPictures(ReportClip clip, int longestSide)
    {
        Check(clip);
        _clip = clip;
        _shrink = (Math.Max(clip.Width, clip.Height) + longestSide - 1) / longestSide;
        Width = Math.Max(1, clip.Width / _shrink);
        Height = Math.Max(1, clip.Height / _shrink);
    }

    /// <summary>Pixels of a picture.</summary>
    public int Width { get; }

    /// <summary>Pixels of a picture.</summary>
    public int Height { get; }

    /// <summary>At most <paramref name="most"/> frames, evenly spaced from the first.</summary>
    public IEnumerable<int> Chosen(int most)
    {
        var count = Math.Min(most, _clip.Frames);
        return Enumerable.Range(0, count).Select(i => i * _clip.Frames / count);
    }

    /// <summary>The frame as an address that holds the picture itself.</summary>
    public string Original(int frame) => Address(Pixels(frame));

    /// <summary>The same with hidden tubes hatched.</summary>
    public string Seen(int frame) => Address(SeenPixels(frame));

    /// <summary>[height, width, 3] of a frame, each pixel the mean of the block it stands for.</summary>
    internal byte[] Pixels(int frame)
    {
        var source = _clip.Rgb.AsSpan(frame * _clip.Height * _clip.Width * 3, _clip.Height * _clip.Width * 3);
        if (_shrink == 1)
            return source.ToArray();
        // A side shorter than the factor is one block of its own length.
        var (rows, columns) = (Math.Min(_shrink, _clip.Height), Math.Min(_shrink, _clip.Width));
        var pixels = new byte[Height * Width * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x, channel) = (i / 3 / Width * _shrink, i / 3 % Width * _shrink, i % 3);
            var sum = 0;
            for (var row = y; row < y + rows; row++)
                for (var column = x; column < x + columns; column++)
                    sum += source[(row * _clip.Width + column) * 3 + channel];
            pixels[i] = (byte)((sum + rows * columns / 2) / (rows * columns));
        }
        return pixels;
    }

    /// <summary>[height, width, 3] of a frame, hidden tubes hatched.</summary>
    internal byte[] SeenPixels(int frame)
    {
        var pixels = Pixels(frame);
        if (_clip.Hidden is not { } hidden)
            return pixels;
        var (rows, columns) = (_clip.Height / _clip.TubeSize, _clip.Width / _clip.TubeSize);
        var slice = hidden.AsSpan(frame / _clip.TubeFrames * rows * columns, rows * columns);
        var period = Math.Max(4, _clip.TubeSize / _shrink / 3);
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
                if (slice[y * _shrink / _clip.TubeSize * columns + x * _shrink / _clip.TubeSize])
                    ((x + y) % period == 0 ? Hatch : Ground).CopyTo(pixels.AsSpan((y * Width + x) * 3));
        return pixels;
    }

    private string Address(byte[] pixels) => "data:image/png;base64," + Convert.ToBase64String(PngImage.Encode(Width, Height, pixels));

    private static void Check(ReportClip clip)
    {
        if (clip.Frames <= 0 || clip.Width <= 0 || clip.Height <= 0 || clip.Rgb.LongLength != (long)clip.Frames * clip.Height * clip.Width * 3)
            throw new ArgumentException($"the clip \"{clip.Caption}\" of {clip.Frames} frames of {clip.Width}×{clip.Height} pixels cannot have {clip.Rgb.Length} bytes", nameof(clip));
        if (clip.Hidden is not { } hidden)
            return;
        if (clip.TubeFrames <= 0 || clip.TubeSize <= 0 || clip.Frames % clip.TubeFrames != 0 || clip.Width % clip.TubeSize != 0 || clip.Height % clip.TubeSize != 0)
            throw new ArgumentException($"the clip \"{clip.Caption}\" of {clip.Frames} frames of {clip.Width}×{clip.Height} pixels cannot be cut into tubes of {clip.TubeFrames}×{clip.TubeSize}×{clip.TubeSize}", nameof(clip));
        var tubes = clip.Frames / clip.TubeFrames * (clip.Height / clip.TubeSize) * (clip.Width / clip.TubeSize);
        if (hidden.Length != tubes)
            throw new ArgumentException($"the clip \"{clip.Caption}\" has {tubes} tubes, and its mask {hidden.Length}", nameof(clip));
    }
}
