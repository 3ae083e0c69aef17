using Sigma.Media;

namespace Sigma.Evaluation.Prototypes;

/// <summary>
/// A picture of <see cref="PrototypeExamples"/>: a row for each of the prototypes that have most tubes, in it the prototype's colour
/// and its examples, each tube in a frame, with what is around it.
/// </summary>
/// <param name="examples">What to draw.</param>
public sealed class PrototypePicture(PrototypeExamples examples)
{
    /// <summary>Rows of a picture.</summary>
    public const int Rows = 32;

    /// <summary>Examples of a row.</summary>
    public const int Columns = 8;

    private const int Gap = 4;
    private const int Swatch = 24; // width of the colour, pixels
    private const int SmallestPanel = 96; // smaller ones are enlarged by a whole factor
    private const byte Paper = 255;

    private readonly int side = 3 * examples.TubeSize;
    private readonly int scale = Math.Max(1, (SmallestPanel + 3 * examples.TubeSize - 1) / (3 * examples.TubeSize));

    private int Panel => side * scale;

    private int Width => Swatch + Columns * (Panel + Gap);

    /// <summary>Writes the picture as PNG; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        var shown = examples.Prototypes.Take(Rows).ToArray();
        var height = shown.Length * (Panel + Gap) - Gap;
        var rgb = new byte[Width * height * 3];
        rgb.AsSpan().Fill(Paper);
        for (var row = 0; row < shown.Length; row++)
        {
            for (var y = 0; y < Panel; y++)
                Draw(shown[row].Prototype, shown[row].Examples, y, rgb.AsSpan((row * (Panel + Gap) + y) * Width * 3, Width * 3));
        }
        PngImage.Write(path, Width, height, rgb);
    }

    /// <summary>A line of a row.</summary>
    private void Draw(int prototype, IReadOnlyList<PrototypeExample> shown, int y, Span<byte> line)
    {
        for (var x = 0; x < Swatch; x++)
            Tint(prototype, line[(x * 3)..]);
        for (var i = 0; i < Math.Min(Columns, shown.Count); i++)
        {
            for (var x = 0; x < Panel; x++)
            {
                var to = line[((Swatch + Gap + i * (Panel + Gap) + x) * 3)..];
                if (IsFrame(x, y))
                    Tint(prototype, to);
                else
                    shown[i].Surroundings.AsSpan((y / scale * side + x / scale) * 3, 3).CopyTo(to);
            }
        }
    }

    /// <summary>Whether a pixel of a panel is on the line, one pixel wide, around the tube in its middle.</summary>
    private bool IsFrame(int x, int y)
    {
        var (first, last) = (Panel / 3 - 1, 2 * Panel / 3);
        return x >= first && x <= last && y >= first && y <= last && (x == first || x == last || y == first || y == last);
    }

    private static void Tint(int prototype, Span<byte> to)
    {
        for (var c = 0; c < 3; c++)
            to[c] = PrototypeColour.Channel(prototype, c);
    }
}
