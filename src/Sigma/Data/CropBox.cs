namespace Sigma.Data;

/// <summary>A part of the picture, in displayed pixels from its upper left corner.</summary>
public readonly record struct CropBox(double X, double Y, double Width, double Height);
