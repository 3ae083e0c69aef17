using Sigma.Media;

namespace Sigma.Evaluation.Prototypes;

/// <summary>
/// A picture of <see cref="ClipAssignments"/>: a row for each slice, in it the slice's first frame, and the same with every tube in
/// its prototype's colour.
/// </summary>
/// <param name="assignments">What to draw.</param>
public sealed class AssignmentPicture(ClipAssignments assignments)
{
    private const int Gap = 4;
    private const int SmallestPanel = 160; // smaller clips are enlarged by a whole factor
    private const byte Paper = 255;

    private readonly int size = assignments.Clip.Clip.Size;
    private readonly int scale = Math.Max(1, (SmallestPanel + assignments.Clip.Clip.Size - 1) / assignments.Clip.Clip.Size);

    /// <summary>Writes the picture as PNG; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        var (panel, slices) = (size * scale, assignments.Clip.Mask.Grid.Slices);
        var (width, height) = (2 * panel + Gap, slices * (panel + Gap) - Gap);
        var rgb = new byte[width * height * 3];
        rgb.AsSpan().Fill(Paper);
        for (var slice = 0; slice < slices; slice++)
        {
            for (var y = 0; y < panel; y++)
            {
                var row = rgb.AsSpan((slice * (panel + Gap) + y) * width * 3, width * 3);
                for (var x = 0; x < panel; x++)
                    Draw(slice, y / scale, x / scale, row[(x * 3)..], row[((panel + Gap + x) * 3)..]);
            }
        }
        PngImage.Write(path, width, height, rgb);
    }

    /// <summary>A pixel of the frame as it is, and tinted.</summary>
    private void Draw(int slice, int y, int x, Span<byte> plain, Span<byte> tinted)
    {
        var clip = assignments.Clip;
        var from = clip.Pixels.Span.Slice(((slice * clip.Clip.TubeFrames * size + y) * size + x) * 3, 3);
        var prototype = assignments.Slice(slice)[y / clip.Clip.TubeSize * clip.Mask.Grid.Columns + x / clip.Clip.TubeSize];
        for (var c = 0; c < 3; c++)
        {
            plain[c] = from[c];
            tinted[c] = (byte)((from[c] + 2 * PrototypeColour.Channel(prototype, c)) / 3);
        }
    }
}
