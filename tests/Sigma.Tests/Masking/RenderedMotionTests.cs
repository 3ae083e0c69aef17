using Sigma.Data;
using Sigma.Masking;
using Sigma.Media;
using Sigma.Recipes;

namespace Sigma.Tests.Masking;

/// <summary>Masks from the vectors of real files: what is rendered is known, what the encoder makes of it is not.</summary>
[Trait("Category", "masks")]
public sealed class RenderedMotionTests : IDisposable
{
    private const int Side = 224;
    private const int Stride = 2;
    private const int Frames = 16;

    private static readonly TubeGrid Grid = new(8, 14, 14);

    private readonly string folder = Directory.CreateTempSubdirectory("sigma-motion-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(BoxPlacement.Peak)]
    [InlineData(BoxPlacement.Total)]
    public void The_box_covers_the_one_object_that_moves_on_a_still_background(BoxPlacement placement)
    {
        var overlaps = Enumerable.Range(0, 6).Select(seed =>
        {
            var random = new CounterRandom(seed, 0, 0, Purpose.Synthesis);
            var share = 0.15 + 0.1 * (seed % 3);
            var side = (int)(Side * Math.Sqrt(share));
            var (x, y) = (random.NextInt(Side - side), random.NextInt(Side - side));
            // Towards the far side, three pixels a frame at most.
            var (dx, dy) = (((Side - side) / 2 - x) / 16, ((Side - side) / 2 - y) / 16);
            if (dx == 0 && dy == 0)
                dx = 1;
            var motion = Read(Render($"{seed}.mp4", ref random, frame => (0, 0), frame => (x + dx * frame, y + dy * frame), side), false);
            var mask = MotionGuidedMask.Draw(motion, (int)(share * 196), placement, ref random);
            Assert.Equal(MaskKind.MotionGuided, mask.Kind);
            return mask.Boxes!.Select((box, slice) =>
            {
                // The object in the middle of the slice's frames.
                var frame = (2 * slice + 0.5) * Stride;
                var (left, top) = (x + dx * frame, y + dy * frame);
                var width = Math.Min(left + side, (box.Column + box.Width) * 16) - Math.Max(left, box.Column * 16);
                var height = Math.Min(top + side, (box.Row + box.Height) * 16) - Math.Max(top, box.Row * 16);
                var both = Math.Max(width, 0) * Math.Max(height, 0);
                return both / (side * side + box.Area * 256 - both);
            }).Average();
        }).ToArray();
        Assert.True(overlaps.Average() >= 0.5, $"overlap {string.Join(' ', overlaps.Select(o => o.ToString("0.00")))}");
    }

    [Fact]
    public void The_median_option_removes_the_pan_of_a_still_picture()
    {
        var random = new CounterRandom(3, 0, 0, Purpose.Synthesis);
        var path = Render("pan.mp4", ref random, frame => (3 * frame, frame), null, 0);
        var (panned, removed) = (Read(path, false), Read(path, true));
        var (before, after) = (panned.Motion.ToArray().Average(), removed.Motion.ToArray().Average());
        // Two frames a tube, each √10 pixels; what stays is at the border where the picture comes in.
        Assert.InRange(before, 2 * Math.Sqrt(10) * 0.8, 2 * Math.Sqrt(10) * 1.2);
        Assert.True(after < 0.1 * before, $"{before:0.00} pixels before, {after:0.00} after");
    }

    /// <summary>A textured picture seen through a moving window, and a textured square moving over it.</summary>
    private string Render(
        string name, ref CounterRandom random, Func<int, (int X, int Y)> window, Func<int, (int X, int Y)>? place, int side)
    {
        var (background, shape) = (Texture(ref random), Texture(ref random));
        var path = Path.Combine(folder, name);
        using var writer = new VideoWriter(path, Side, Side, 25);
        var rgb = new byte[Side * Side * 3];
        for (var frame = 0; frame < Frames * Stride; frame++)
        {
            var (left, top) = window(frame);
            for (var row = 0; row < Side; row++)
                for (var column = 0; column < Side; column++)
                {
                    var (x, y) = place is null ? (-1, -1) : (column - place(frame).X, row - place(frame).Y);
                    var value = x >= 0 && y >= 0 && x < side && y < side
                        ? shape[y * TextureSide + x]
                        : background[(row + top) * TextureSide + column + left];
                    rgb.AsSpan((row * Side + column) * 3, 3).Fill(value);
                }
            writer.Write(rgb);
        }
        writer.Finish();
        return path;
    }

    private const int TextureSide = 448;

    /// <summary>Grey noise of a few pixels' grain, so that every block has something to hold on to.</summary>
    private static byte[] Texture(ref CounterRandom random)
    {
        const int grain = 6;
        const int points = TextureSide / grain + 2;
        var values = new double[points * points];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextDouble(30, 225);
        var texture = new byte[TextureSide * TextureSide];
        for (var i = 0; i < texture.Length; i++)
        {
            var (y, x) = Math.DivRem(i, TextureSide);
            var (fy, fx) = (y % grain / (double)grain, x % grain / (double)grain);
            var at = y / grain * points + x / grain;
            texture[i] = (byte)(
                (1 - fy) * ((1 - fx) * values[at] + fx * values[at + 1])
                + fy * ((1 - fx) * values[at + points] + fx * values[at + points + 1]));
        }
        return texture;
    }

    private static MotionGrid Read(string path, bool subtractMedian)
    {
        using var reader = VideoReader.Open(path);
        var frames = FrameSampling.Pretraining(Frames * Stride, Frames, Stride, 0);
        var vectors = new MotionVectors();
        reader.Read(frames, null, Side, Side, new byte[Frames * Side * Side * 3], vectors);
        return MotionGrid.FromVectors(Grid, Frames, Side, Side, frame => vectors[frame], subtractMedian);
    }
}
