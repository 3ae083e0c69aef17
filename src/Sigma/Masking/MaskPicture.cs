namespace Sigma.Masking;

/// <summary>
/// A picture of a clip's mask: a row for each slice, and in it its first frame, its motion vectors as lines that begin in
/// a dot, and what the encoder sees, with the mask's box around.
/// </summary>
public sealed class MaskPicture
{
    private const double FramesDrawn = 4; // a line is as long as the way in this many frames
    private const double StillBelow = 0.05; // pixels per frame; shorter vectors are not drawn

    private static readonly Colour Hidden = new(58, 62, 70);
    private static readonly Colour Vector = new(255, 214, 10);
    private static readonly Colour Box = new(230, 57, 70);

    private readonly InspectedClip clip;
    private readonly PanelPicture picture;

    /// <summary>Draws the picture.</summary>
    public MaskPicture(InspectedClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        this.clip = clip;
        const int plain = 0, vectors = 1, seen = 2;
        picture = new(clip.Clip.Size, clip.Mask.Grid.Slices, seen + 1);
        for (var slice = 0; slice < clip.Mask.Grid.Slices; slice++)
        {
            var frame = slice * clip.Clip.TubeFrames;
            picture.Frame(slice, plain, clip.Pixels.Span, frame);
            // Half as bright, so that the lines are seen on white too.
            picture.Frame(slice, vectors, clip.Pixels.Span, frame, (_, _, c) => new((byte)(c.Red / 2), (byte)(c.Green / 2), (byte)(c.Blue / 2)));
            DrawVectors(slice, vectors);
            DrawSeen(picture, slice, seen, clip);
        }
    }

    /// <summary>Writes the picture as PNG; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => picture.Write(path);

    /// <summary>A panel with what the encoder sees of a slice: its first frame, hidden cells filled, and the box of the mask.</summary>
    internal static void DrawSeen(PanelPicture picture, int slice, int column, InspectedClip clip)
    {
        picture.Frame(slice, column, clip.Pixels.Span, slice * clip.Clip.TubeFrames);
        var (columns, cell) = (clip.Mask.Grid.Columns, clip.Clip.TubeSize * picture.Scale);
        var hidden = clip.Mask.Slice(slice);
        for (var i = 0; i < hidden.Length; i++)
        {
            if (hidden[i])
                picture.Fill(picture.Left(column) + i % columns * cell, picture.Top(slice) + i / columns * cell, cell, cell, Hidden);
        }
        DrawBox(picture, slice, column, clip);
    }

    /// <summary>The mask's box of a slice, where it has one.</summary>
    internal static void DrawBox(PanelPicture picture, int slice, int column, InspectedClip clip)
    {
        if (clip.Mask.Boxes?[slice] is not { } box)
            return;
        var cell = clip.Clip.TubeSize * picture.Scale;
        picture.Outline(picture.Left(column) + box.Column * cell, picture.Top(slice) + box.Row * cell, box.Width * cell, box.Height * cell, Box);
    }

    private void DrawVectors(int slice, int column)
    {
        var spacing = Math.Max(1, clip.Clip.TubeSize / 2);
        var flow = clip.Flow(slice, spacing);
        var (points, scale) = (clip.Clip.Size / spacing, picture.Scale);
        for (var i = 0; i < flow.Length; i++)
        {
            if (flow[i] is not { Length: >= StillBelow } moved)
                continue;
            var (x, y) = ((i % points + 0.5) * spacing * scale, (i / points + 0.5) * spacing * scale);
            DrawLine(slice, column, x, y, x + moved.Dx * FramesDrawn * scale, y + moved.Dy * FramesDrawn * scale);
        }
    }

    /// <summary>A line within its panel, with a dot of 2×2 pixels where it begins.</summary>
    private void DrawLine(int row, int column, double x0, double y0, double x1, double y1)
    {
        var panel = picture.Panel;
        var steps = (int)Math.Min(Math.Max(Math.Abs(x1 - x0), Math.Abs(y1 - y0)), 2 * panel) + 1;
        for (var i = 0; i <= steps; i++)
            Point((int)Math.Round(x0 + (x1 - x0) * i / steps), (int)Math.Round(y0 + (y1 - y0) * i / steps));
        Point((int)x0 + 1, (int)y0);
        Point((int)x0, (int)y0 + 1);
        Point((int)x0 + 1, (int)y0 + 1);

        void Point(int x, int y)
        {
            if (x >= 0 && x < panel && y >= 0 && y < panel)
                picture.Set(picture.Left(column) + x, picture.Top(row) + y, Vector);
        }
    }
}
