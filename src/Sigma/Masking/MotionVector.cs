namespace Sigma.Masking;

/// <summary>The motion of one block: its middle and size in pixels of the clip, and its displacement in pixels per frame.</summary>
public readonly record struct MotionVector(float X, float Y, float Width, float Height, float Dx, float Dy);
