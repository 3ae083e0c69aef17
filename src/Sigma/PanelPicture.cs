using Sigma.Media;

namespace Sigma;

/// <summary>
/// A picture of a clip, in rows and columns of square panels on white paper, each as large as a frame. Clips smaller than 160
/// pixels are enlarged by a whole factor.
/// </summary>
internal sealed class PanelPicture
{
    public const int Gap = 4;
    private const int SmallestPanel = 160;

    private readonly int size;
    private readonly byte[] rgb;

    /// <summary>White paper.</summary>
    /// <param name="size">height and width of a frame, pixels</param>
    /// <param name="rows">of panels</param>
    /// <param name="columns">of panels</param>
    /// <param name="foot">room below the panels, pixels</param>
    public PanelPicture(int size, int rows, int columns, int foot = 0)
    {
        this.size = size;
        Scale = Math.Max(1, (SmallestPanel + size - 1) / size);
        Panel = size * Scale;
        Width = columns * (Panel + Gap) - Gap;
        Height = checked(rows * (Panel + Gap) - Gap + foot);
        rgb = new byte[checked(Width * Height * 3)];
        rgb.AsSpan().Fill(byte.MaxValue);
    }

    /// <summary>Pixels of the picture for one of the clip's.</summary>
    public int Scale { get; }

    /// <summary>Height and width of a panel, pixels.</summary>
    public int Panel { get; }

    /// <summary>Pixels.</summary>
    public int Width { get; }

    /// <summary>Pixels.</summary>
    public int Height { get; }

    /// <summary>Where a panel begins from the left, pixels.</summary>
    public int Left(int column) => column * (Panel + Gap);

    /// <summary>Where a panel begins from above, pixels.</summary>
    public int Top(int row) => row * (Panel + Gap);

    /// <summary>Colours one pixel.</summary>
    public void Set(int x, int y, Colour colour)
    {
        var at = (y * Width + x) * 3;
        (rgb[at], rgb[at + 1], rgb[at + 2]) = (colour.Red, colour.Green, colour.Blue);
    }

    /// <summary>Colours a rectangle.</summary>
    public void Fill(int left, int top, int width, int height, Colour colour)
    {
        for (var y = top; y < top + height; y++)
        {
            for (var x = left; x < left + width; x++)
                Set(x, y, colour);
        }
    }

    /// <summary>Draws a rectangle's edge, two pixels wide, inside of it.</summary>
    public void Outline(int left, int top, int width, int height, Colour colour)
    {
        const int line = 2;
        Fill(left, top, width, line, colour);
        Fill(left, top + height - line, width, line, colour);
        Fill(left, top, line, height, colour);
        Fill(left + width - line, top, line, height, colour);
    }

    /// <summary>Fills a panel with equal squares.</summary>
    /// <param name="row">of the panel</param>
    /// <param name="column">of the panel</param>
    /// <param name="count">squares along a side</param>
    /// <param name="colour">of the square with a number, counted row by row</param>
    public void Squares(int row, int column, int count, Func<int, Colour> colour)
    {
        var side = Panel / count;
        for (var i = 0; i < count * count; i++)
            Fill(Left(column) + i % count * side, Top(row) + i / count * side, side, side, colour(i));
    }

    /// <summary>Fills a panel with a frame.</summary>
    /// <param name="row">of the panel</param>
    /// <param name="column">of the panel</param>
    /// <param name="pixels">[T, size, size, 3]</param>
    /// <param name="frame">which of the T</param>
    /// <param name="tint">what becomes of the pixel at y, x; null leaves the frame as it is</param>
    public void Frame(int row, int column, ReadOnlySpan<byte> pixels, int frame, Func<int, int, Colour, Colour>? tint = null)
    {
        var source = pixels.Slice(frame * size * size * 3, size * size * 3);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var from = source.Slice((y * size + x) * 3, 3);
                var colour = new Colour(from[0], from[1], from[2]);
                Fill(Left(column) + x * Scale, Top(row) + y * Scale, Scale, Scale, tint?.Invoke(y, x, colour) ?? colour);
            }
        }
    }

    /// <summary>Writes the picture as PNG; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => PngImage.Write(path, Width, Height, rgb);
}
