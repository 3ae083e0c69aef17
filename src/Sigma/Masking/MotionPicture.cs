namespace Sigma.Masking;

/// <summary>
/// A picture of a clip's motion: a row for each slice, and in it its first frame, its motion in the colours of optical flow, the
/// motion of its tubes as a mask sees it, and what the encoder sees, with the mask's box around. Below, the keys to the colours
/// and the greys.
/// </summary>
public sealed class MotionPicture
{
    private const int Key = 96; // height of the keys, pixels
    private const double WheelBeyond = 1.15; // of the full length, so that the darker rim of what is longer shows

    private readonly ClipMotion motion;
    private readonly PanelPicture picture;

    /// <summary>Draws the picture.</summary>
    public MotionPicture(ClipMotion motion)
    {
        ArgumentNullException.ThrowIfNull(motion);
        this.motion = motion;
        const int plain = 0, flow = 1, tubes = 2, seen = 3;
        var clip = motion.Clip;
        var grid = clip.Mask.Grid;
        picture = new(clip.Clip.Size, grid.Slices, seen + 1, PanelPicture.Gap + Key);
        var most = 0f;
        foreach (var length in clip.Motion.Motion)
            most = Math.Max(most, length);
        for (var slice = 0; slice < grid.Slices; slice++)
        {
            picture.Frame(slice, plain, clip.Pixels.Span, slice * clip.Clip.TubeFrames);
            DrawFlow(slice, flow);
            var field = clip.Motion.Slice(slice).ToArray();
            picture.Squares(slice, tubes, grid.Columns, cell => Colour.Grey(most > 0 ? field[cell] / most : 0));
            MaskPicture.DrawBox(picture, slice, tubes, clip);
            MaskPicture.DrawSeen(picture, slice, seen, clip);
        }
        DrawKeys(flow, tubes);
    }

    /// <summary>Writes the picture as PNG; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => picture.Write(path);

    private void DrawFlow(int slice, int column)
    {
        var points = motion.Points(slice).ToArray();
        var across = motion.Clip.Clip.Size / motion.Spacing;
        var unknown = Colour.Grey(0.5);
        picture.Fill(picture.Left(column), picture.Top(slice), picture.Panel, picture.Panel, unknown);
        var side = motion.Spacing * picture.Scale;
        for (var i = 0; i < points.Length; i++)
        {
            if (points[i] is { } moved)
                picture.Fill(picture.Left(column) + i % across * side, picture.Top(slice) + i / across * side, side, side, FlowColour.Of(moved.Dx, moved.Dy, motion.FullColour));
        }
    }

    /// <summary>The wheel of directions, and the greys from standing still to the fastest tube.</summary>
    private void DrawKeys(int wheel, int greys)
    {
        var top = picture.Height - Key;
        const double radius = Key / 2.0;
        for (var y = 0; y < Key; y++)
        {
            for (var x = 0; x < Key; x++)
            {
                var (dx, dy) = ((x + 0.5 - radius) / radius * WheelBeyond, (y + 0.5 - radius) / radius * WheelBeyond);
                if (double.Hypot(dx, dy) <= WheelBeyond)
                    picture.Set(picture.Left(wheel) + x, top + y, FlowColour.Of(dx, dy, 1));
            }
        }
        for (var x = 0; x < picture.Panel; x++)
            picture.Fill(picture.Left(greys) + x, top, 1, Key / 4, Colour.Grey((double)x / (picture.Panel - 1)));
    }
}
