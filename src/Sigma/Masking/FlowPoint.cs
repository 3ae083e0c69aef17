namespace Sigma.Masking;

/// <summary>How a point of a clip moves.</summary>
/// <param name="Dx">To the right, pixels of the clip per frame of the video.</param>
/// <param name="Dy">Downwards, likewise.</param>
internal readonly record struct FlowPoint(float Dx, float Dy)
{
    /// <summary>Pixels per frame.</summary>
    public double Length => double.Hypot(Dx, Dy);
}
