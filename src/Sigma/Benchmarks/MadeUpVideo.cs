using Sigma.Data;
using Sigma.Media;

namespace Sigma.Benchmarks;

/// <summary>
/// A video for benchmarks, with about as much detail and motion as a photographed one: a ground of cloudy texture that drifts
/// under a swaying camera, things of other textures that cross it, and sensor noise.
/// </summary>
internal static class MadeUpVideo
{
    private const int Width = 340, Height = 256, Frames = 300, KeyFrames = 250;
    private const int TextureSide = 512;
    private const int Octaves = 5;
    private const int Things = 3;
    private const double Rate = 30;
    private const int Noise = 3; // grey levels up and down

    /// <summary>Writes 300 frames of 340×256 as H.264 with a key frame every 250 and x264's usual settings.</summary>
    public static void Write(string path)
    {
        var random = new CounterRandom(11, 0, 0, Purpose.Synthesis);
        var textures = Enumerable.Range(0, Things + 1).Select(_ => Texture(ref random)).ToArray();
        var noise = new sbyte[(1 << 16) + Width];
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (sbyte)(random.NextInt(2 * Noise + 1) - Noise);

        using var writer = new VideoWriter(path, Width, Height, Rate, new() { KeyFrameInterval = KeyFrames });
        var rgb = new byte[Width * Height * 3];
        for (var frame = 0; frame < Frames; frame++)
        {
            Draw(frame, textures, rgb);
            for (var row = 0; row < Height; row++)
                Roughen(rgb.AsSpan(row * Width * 3, Width * 3), noise.AsSpan(random.NextInt(1 << 16), Width));
            writer.Write(rgb);
        }
        writer.Finish();
    }

    private static void Draw(int frame, byte[][] textures, byte[] rgb)
    {
        var t = frame / (double)Frames;
        var (left, top) = (90 + 40 * t + 8 * Math.Sin(11 * t), 60 + 10 * Math.Sin(7 * t));
        Span<(double X, double Y, double Radius)> things = stackalloc (double, double, double)[Things];
        for (var i = 0; i < Things; i++)
        {
            var angle = 2 * Math.PI * (t * (1 + i) + i / (double)Things);
            things[i] = (Width * (0.5 + 0.35 * Math.Cos(angle)), Height * (0.5 + 0.3 * Math.Sin(2 * angle)), 28 + 12 * i);
        }
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var (texture, u, v) = (0, x + left, y + top);
                for (var i = 0; i < Things; i++)
                {
                    var (dx, dy) = (x - things[i].X, y - things[i].Y);
                    if (dx * dx + dy * dy < things[i].Radius * things[i].Radius)
                        (texture, u, v) = (i + 1, dx + 200, dy + 200);
                }
                Sample(textures[texture], u, v, rgb.AsSpan((y * Width + x) * 3, 3));
            }
        }
    }

    /// <summary>The colour between four neighbours of a texture.</summary>
    private static void Sample(byte[] texture, double u, double v, Span<byte> rgb)
    {
        var (x, y) = ((int)u, (int)v);
        var (a, b) = ((int)(256 * (u - x)), (int)(256 * (v - y)));
        var at = (y * TextureSide + x) * 3;
        for (var c = 0; c < 3; c++, at++)
        {
            var upper = texture[at] * (256 - a) + texture[at + 3] * a;
            var lower = texture[at + 3 * TextureSide] * (256 - a) + texture[at + 3 * TextureSide + 3] * a;
            rgb[c] = (byte)((upper * (256 - b) + lower * b) >> 16);
        }
    }

    private static void Roughen(Span<byte> row, ReadOnlySpan<sbyte> noise)
    {
        for (var x = 0; x < noise.Length; x++)
            for (var c = 0; c < 3; c++)
                row[3 * x + c] = (byte)Math.Clamp(row[3 * x + c] + noise[x], 0, 255);
    }

    /// <summary>Noise of ever finer grain and smaller weight, in a colour of its own: [side, side, 3].</summary>
    private static byte[] Texture(ref CounterRandom random)
    {
        var grey = new double[TextureSide * TextureSide];
        for (var octave = 0; octave < Octaves; octave++)
        {
            var cell = 64 >> octave;
            var points = TextureSide / cell + 2;
            var values = new double[points * points];
            for (var i = 0; i < values.Length; i++)
                values[i] = random.NextDouble(-1, 1) * cell / 64.0;
            for (var i = 0; i < grey.Length; i++)
            {
                var (y, x) = Math.DivRem(i, TextureSide);
                var (fy, fx) = (y % cell / (double)cell, x % cell / (double)cell);
                var at = y / cell * points + x / cell;
                grey[i] += (1 - fy) * ((1 - fx) * values[at] + fx * values[at + 1])
                    + fy * ((1 - fx) * values[at + points] + fx * values[at + points + 1]);
            }
        }
        Span<double> tint = [random.NextDouble(60, 100), random.NextDouble(60, 100), random.NextDouble(60, 100)];
        var texture = new byte[TextureSide * TextureSide * 3];
        for (var i = 0; i < texture.Length; i++)
            texture[i] = (byte)Math.Clamp(125 + tint[i % 3] * grey[i / 3], 0, 255);
        return texture;
    }
}
