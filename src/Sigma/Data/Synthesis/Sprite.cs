using System.Numerics;

namespace Sigma.Data.Synthesis;

/// <summary>
/// A thing that moves: a shape cut out of a surface. Everything that changes wraps around: what leaves the frame on
/// one side comes back on the other, and what has grown to <see cref="LargestRadius"/> starts again at
/// <see cref="SmallestRadius"/>. A uniform random start therefore stays uniform at every frame, whatever the motion.
/// </summary>
internal sealed record Sprite(Outline Outline, Surface Surface)
{
    /// <summary>Smallest radius, pixels.</summary>
    public required float SmallestRadius { get; init; }

    /// <summary>Largest radius, pixels; less than half the frame, so that a thing never meets itself.</summary>
    public required float LargestRadius { get; init; }

    /// <summary>Centre at frame 0, pixels.</summary>
    public required Vector2 Centre { get; init; }

    /// <summary>Pixels per frame.</summary>
    public Vector2 Velocity { get; init; }

    /// <summary>Angle at frame 0, radians, clockwise on the screen.</summary>
    public required float Angle { get; init; }

    /// <summary>Radians per frame, clockwise on the screen.</summary>
    public float Spin { get; init; }

    /// <summary>Size at frame 0: 0 the smallest radius, 1 the largest, in equal ratios between.</summary>
    public required float Size { get; init; }

    /// <summary>Change of <see cref="Size"/> per frame.</summary>
    public float Growth { get; init; }

    /// <summary>Where it is, how it is turned, how large it is and how solid at a moment.</summary>
    public Pose At(float frame)
    {
        var size = Size + Growth * frame;
        size -= MathF.Floor(size);
        // It fades where its size starts again, so that nothing jumps; a thing that does not grow fades alike.
        var solid = LargestRadius > SmallestRadius ? Math.Clamp(8 * MathF.Min(size, 1 - size), 0, 1) : 1;
        var (sin, cos) = MathF.SinCos(Angle + Spin * frame);
        return new Pose(Centre + Velocity * frame, new(cos, sin),
            SmallestRadius * MathF.Pow(LargestRadius / SmallestRadius, size), solid);
    }
}

/// <summary>A sprite at one moment: centre and radius in pixels, the direction of its own x axis, opacity 0 to 1.</summary>
internal readonly record struct Pose(Vector2 Centre, Vector2 Axis, float Radius, float Opacity);
