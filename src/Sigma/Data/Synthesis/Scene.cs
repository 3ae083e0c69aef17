using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>What a clip shows: a background, things before it from far to near, and a camera that drifts.</summary>
/// <param name="Background">the plane behind everything, places in pixels</param>
/// <param name="Sprites">the things, the nearest last; places on their surfaces in radii</param>
/// <param name="Drift">how the whole picture moves, pixels per frame</param>
internal sealed record Scene(Surface Background, Sprite[] Sprites, Vector2 Drift)
{
    /// <summary>Draws one frame.</summary>
    /// <param name="frame">which, from 0</param>
    /// <param name="size">height and width, pixels; also the distance after which things come back</param>
    /// <param name="rgb">receives [size, size, 3]</param>
    public void Render(int frame, int size, Span<byte> rgb)
    {
        var shift = Drift * frame;
        var poses = new Pose[Sprites.Length];
        for (var i = 0; i < poses.Length; i++)
            poses[i] = Sprites[i].At(frame);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var place = new Vector2(x, y) - shift;
                var colour = Background.Colour(place, 1);
                for (var i = 0; i < poses.Length; i++)
                    colour = Over(colour, Sprites[i], poses[i], place, size);
                Store(colour, rgb[(3 * (y * size + x))..]);
            }
        }
    }

    /// <summary>Draws the mask of one frame: the number of the nearest thing that covers most of a pixel, counted from 1; 0 for the background.</summary>
    /// <param name="frame">which, from 0</param>
    /// <param name="size">height and width, pixels</param>
    /// <param name="numbers">receives [size, size]</param>
    public void RenderMask(int frame, int size, Span<byte> numbers)
    {
        const float most = 0.5f;
        var shift = Drift * frame;
        for (var i = 0; i < size * size; i++)
        {
            numbers[i] = 0;
            for (var thing = 0; thing < Sprites.Length; thing++)
            {
                if (Coverage(Sprites[thing], Sprites[thing].At(frame), new Vector2(i % size, i / size) - shift, size).Share > most)
                    numbers[i] = (byte)(thing + 1);
            }
        }
    }

    private static Vector3 Over(Vector3 behind, Sprite sprite, in Pose pose, Vector2 place, int size)
    {
        var (share, own) = Coverage(sprite, pose, place, size);
        return share <= 0 ? behind : Vector3.Lerp(behind, sprite.Surface.Colour(own, 1 / pose.Radius), share);
    }

    /// <summary>How much of a pixel a thing covers, 0 to 1, and where on its own surface, in radii, the pixel lies.</summary>
    private static (float Share, Vector2 Own) Coverage(Sprite sprite, in Pose pose, Vector2 place, int size)
    {
        var away = Nearest(place - pose.Centre, size) / pose.Radius;
        var pixel = 1 / pose.Radius;
        if (away.LengthSquared() > (sprite.Outline.Reach + pixel) * (sprite.Outline.Reach + pixel))
            return default;
        var own = new Vector2(pose.Axis.X * away.X + pose.Axis.Y * away.Y, pose.Axis.X * away.Y - pose.Axis.Y * away.X);
        return (pose.Opacity * sprite.Outline.Coverage(own, pixel), own);
    }

    /// <summary>The shortest way on a picture whose opposite sides are joined.</summary>
    private static Vector2 Nearest(Vector2 away, int size) => new(
        away.X - size * MathF.Floor(away.X / size + 0.5f),
        away.Y - size * MathF.Floor(away.Y / size + 0.5f));

    private static void Store(Vector3 colour, Span<byte> rgb)
    {
        colour = Vector3.Clamp(colour, Vector3.Zero, Vector3.One) * 255;
        rgb[0] = (byte)MathF.Round(colour.X);
        rgb[1] = (byte)MathF.Round(colour.Y);
        rgb[2] = (byte)MathF.Round(colour.Z);
    }
}
