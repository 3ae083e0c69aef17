using Sigma.Media;

namespace Sigma.Masking;

/// <summary>
/// A picture of a clip's mask: a row for each slice, and in it its first frame, its motion vectors as lines that begin in
/// a dot, and what the encoder sees, with the mask's box around.
/// </summary>
public sealed class MaskPicture
{
    private const int Gap = 4;
    private const int SmallestPanel = 160; // smaller clips are enlarged by a whole factor
    private const double FramesDrawn = 4; // a line is as long as the way in this many frames
    private const double StillBelow = 0.05; // pixels per frame; shorter vectors are not drawn

    private static readonly Colour Paper = new(255, 255, 255);
    private static readonly Colour Hidden = new(58, 62, 70);
    private static readonly Colour Vector = new(255, 214, 10);
    private static readonly Colour Box = new(230, 57, 70);

    private readonly InspectedClip clip;
    private readonly int scale, panel;
    private readonly byte[] rgb;

    /// <summary>Draws the picture.</summary>
    public MaskPicture(InspectedClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        this.clip = clip;
        scale = Math.Max(1, (SmallestPanel + clip.Clip.Size - 1) / clip.Clip.Size);
        panel = clip.Clip.Size * scale;
        Width = 3 * panel + 2 * Gap;
        Height = clip.Mask.Grid.Slices * (panel + Gap) - Gap;
        rgb = new byte[Width * Height * 3];
        Fill(0, 0, Width, Height, Paper);
        for (var slice = 0; slice < clip.Mask.Grid.Slices; slice++)
            DrawSlice(slice, slice * (panel + Gap));
    }

    /// <summary>Pixels.</summary>
    public int Width { get; }

    /// <summary>Pixels.</summary>
    public int Height { get; }

    /// <summary>[height, width, 3].</summary>
    public ReadOnlySpan<byte> Rgb => rgb;

    /// <summary>Writes the picture as PNG; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => PngImage.Write(path, Width, Height, rgb);

    private void DrawSlice(int slice, int top)
    {
        const int middle = 1, right = 2;
        for (var column = 0; column <= right; column++)
            DrawFrame(slice, Left(column), top, faded: column == middle);
        DrawVectors(slice, Left(middle), top);
        DrawMask(slice, Left(right), top);
    }

    private int Left(int column) => column * (panel + Gap);

    private void DrawFrame(int slice, int left, int top, bool faded)
    {
        var size = clip.Clip.Size;
        var frame = clip.Pixels.Span.Slice(slice * clip.Clip.TubeFrames * size * size * 3, size * size * 3);
        for (var y = 0; y < panel; y++)
            for (var x = 0; x < panel; x++)
            {
                var from = frame.Slice((y / scale * size + x / scale) * 3, 3);
                // Half as bright, so that the lines are seen on white too.
                Set(left + x, top + y, faded ? new((byte)(from[0] / 2), (byte)(from[1] / 2), (byte)(from[2] / 2)) : new(from[0], from[1], from[2]));
            }
    }

    private void DrawVectors(int slice, int left, int top)
    {
        var spacing = Math.Max(1, clip.Clip.TubeSize / 2);
        var flow = clip.Flow(slice, spacing);
        var points = clip.Clip.Size / spacing;
        for (var i = 0; i < flow.Length; i++)
        {
            var (dx, dy) = flow[i];
            if (double.Hypot(dx, dy) < StillBelow)
                continue;
            var (x, y) = ((i % points + 0.5) * spacing * scale, (i / points + 0.5) * spacing * scale);
            DrawLine(left, top, x, y, x + dx * FramesDrawn * scale, y + dy * FramesDrawn * scale);
        }
    }

    /// <summary>A line within its panel, with a dot of 2×2 pixels where it begins.</summary>
    private void DrawLine(int left, int top, double x0, double y0, double x1, double y1)
    {
        var steps = (int)Math.Min(Math.Max(Math.Abs(x1 - x0), Math.Abs(y1 - y0)), 2 * panel) + 1;
        for (var i = 0; i <= steps; i++)
            Point((int)Math.Round(x0 + (x1 - x0) * i / steps), (int)Math.Round(y0 + (y1 - y0) * i / steps));
        Point((int)x0 + 1, (int)y0);
        Point((int)x0, (int)y0 + 1);
        Point((int)x0 + 1, (int)y0 + 1);

        void Point(int x, int y)
        {
            if (x >= 0 && x < panel && y >= 0 && y < panel)
                Set(left + x, top + y, Vector);
        }
    }

    private void DrawMask(int slice, int left, int top)
    {
        var (columns, cell) = (clip.Mask.Grid.Columns, clip.Clip.TubeSize * scale);
        var hidden = clip.Mask.Slice(slice);
        for (var i = 0; i < hidden.Length; i++)
            if (hidden[i])
                Fill(left + i % columns * cell, top + i / columns * cell, cell, cell, Hidden);
        if (clip.Mask.Boxes is not { } boxes)
            return;
        const int line = 2;
        var box = boxes[slice];
        var (x, y, width, height) = (left + box.Column * cell, top + box.Row * cell, box.Width * cell, box.Height * cell);
        Fill(x, y, width, line, Box);
        Fill(x, y + height - line, width, line, Box);
        Fill(x, y, line, height, Box);
        Fill(x + width - line, y, line, height, Box);
    }

    private void Fill(int left, int top, int width, int height, Colour colour)
    {
        for (var y = top; y < top + height; y++)
            for (var x = left; x < left + width; x++)
                Set(x, y, colour);
    }

    private void Set(int x, int y, Colour colour)
    {
        var at = (y * Width + x) * 3;
        (rgb[at], rgb[at + 1], rgb[at + 2]) = (colour.Red, colour.Green, colour.Blue);
    }

    private readonly record struct Colour(byte Red, byte Green, byte Blue);
}
