namespace Sigma.Evaluation.Prototypes;

/// <summary>
/// A picture of <see cref="ClipAssignments"/>: a row for each slice, in it the slice's first frame, and the same with every tube in
/// its prototype's colour.
/// </summary>
/// <param name="assignments">What to draw.</param>
public sealed class AssignmentPicture(ClipAssignments assignments)
{
    /// <summary>Writes the picture as PNG; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        var (clip, grid) = (assignments.Clip, assignments.Clip.Mask.Grid);
        var picture = new PanelPicture(clip.Clip.Size, grid.Slices, 2);
        for (var slice = 0; slice < grid.Slices; slice++)
        {
            var (frame, prototypes) = (slice * clip.Clip.TubeFrames, assignments.Slice(slice).ToArray());
            picture.Frame(slice, 0, clip.Pixels.Span, frame);
            picture.Frame(slice, 1, clip.Pixels.Span, frame, (y, x, plain) =>
                Tinted(plain, prototypes[y / clip.Clip.TubeSize * grid.Columns + x / clip.Clip.TubeSize]));
        }
        picture.Write(path);
    }

    private static Colour Tinted(Colour plain, int prototype)
    {
        return new(Channel(plain.Red, 0), Channel(plain.Green, 1), Channel(plain.Blue, 2));

        byte Channel(byte from, int channel) => (byte)((from + 2 * PrototypeColour.Channel(prototype, channel)) / 3);
    }
}
