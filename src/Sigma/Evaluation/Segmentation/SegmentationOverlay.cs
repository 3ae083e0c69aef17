using Sigma.Media;

namespace Sigma.Evaluation.Segmentation;

/// <summary>
/// Pictures of a segmented clip: each frame as it is, with the true objects over it, and with what the clusters stand for,
/// in the colours of the masks' palette. The background is left bare.
/// </summary>
/// <param name="segmentation">The clip.</param>
/// <param name="frames">[T, size, size, 3], its frames at the masks' size.</param>
public sealed class SegmentationOverlay(ClipSegmentation segmentation, byte[] frames)
{
    private const int Panels = 3;
    private const int Gap = 4;
    private const int PictureRows = 4;
    private const double FrameRate = 4;
    private const byte Paper = 255;

    private readonly int size = segmentation.Masks.Size;

    private int Width => Panels * size + (Panels - 1) * Gap;

    /// <summary>Writes a picture with a row for each of four evenly spread frames, as PNG.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void WritePicture(string path)
    {
        var rows = Math.Min(PictureRows, segmentation.Masks.Frames);
        var height = rows * (size + Gap) - Gap;
        var rgb = new byte[height * Width * 3];
        rgb.AsSpan().Fill(Paper);
        for (var row = 0; row < rows; row++)
            Draw((int)((row + 0.5) * segmentation.Masks.Frames / rows), rgb.AsSpan(row * (size + Gap) * Width * 3));
        PngImage.Write(path, Width, height, rgb);
    }

    /// <summary>Writes all frames one after the other, as a video.</summary>
    /// <exception cref="MediaException">It cannot be written.</exception>
    public void WriteVideo(string path)
    {
        using var writer = new VideoWriter(path, Width, size, FrameRate);
        var rgb = new byte[size * Width * 3];
        rgb.AsSpan().Fill(Paper);
        for (var frame = 0; frame < segmentation.Masks.Frames; frame++)
        {
            Draw(frame, rgb);
            writer.Write(rgb);
        }
        writer.Finish();
    }

    /// <summary>The three panels of a frame, from a place of a picture on: rows of <see cref="Width"/> pixels.</summary>
    private void Draw(int frame, Span<byte> rgb)
    {
        var plane = size * size;
        var objects = segmentation.Masks.Objects;
        for (var i = 0; i < plane; i++)
        {
            var colour = frames.AsSpan((frame * plane + i) * 3, 3);
            var truth = segmentation.Masks.Numbers[frame * plane + i];
            var place = segmentation.Match.ObjectOfCluster[segmentation.Labels[frame / segmentation.FramesOfSlice * plane + i]];
            var to = (i / size * Width + i % size) * 3;
            var panel = (size + Gap) * 3;
            colour.CopyTo(rgb[to..]);
            Tint(colour, truth, rgb[(to + panel)..]);
            Tint(colour, place < 0 ? ObjectMasks.Undecided : objects[place], rgb[(to + 2 * panel)..]);
        }
    }

    private static void Tint(ReadOnlySpan<byte> colour, int number, Span<byte> to)
    {
        for (var c = 0; c < 3; c++)
            to[c] = number == 0 ? colour[c] : (byte)((colour[c] + MaskImage.Palette[number * 3 + c] + 1) / 2);
    }
}
