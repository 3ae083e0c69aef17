namespace Sigma.Evaluation.Inspection;

/// <summary>
/// A picture of <see cref="ClipFeatures"/>: a row for each slice, in it the slice's first frame, and its tubes in the colours of
/// their tokens: red, green and blue are the first three principal components over the whole clip, so that a colour means the
/// same in every slice.
/// </summary>
/// <param name="features">What to draw.</param>
public sealed class FeaturePicture(ClipFeatures features)
{
    // A colour's range leaves out this share of the tubes at either end, so that a few odd ones do not pale the rest.
    private const double Outside = 0.02;

    /// <summary>Writes the picture as PNG; it appears under its name when it is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        var grid = features.Grid;
        byte[][] channels = [.. Enumerable.Range(0, ClipFeatures.Kept).Select(component => Levels(features.Component(component)))];
        var picture = new PanelPicture(features.Size, grid.Slices, 2);
        for (var slice = 0; slice < grid.Slices; slice++)
        {
            var first = slice * grid.CellsPerSlice;
            picture.Frame(slice, 0, features.Pixels.Span, slice * features.TubeFrames);
            picture.Squares(slice, 1, grid.Columns, cell => new(channels[0][first + cell], channels[1][first + cell], channels[2][first + cell]));
        }
        picture.Write(path);
    }

    /// <summary>[N] from dark to bright; the middle where they are all alike.</summary>
    internal static byte[] Levels(double[] values)
    {
        double[] sorted = [.. values.Order()];
        var (low, high) = (Bootstrap.Quantile(sorted, Outside), Bootstrap.Quantile(sorted, 1 - Outside));
        return [.. values.Select(value => Colour.Grey(high > low ? (value - low) / (high - low) : 0.5).Red)];
    }
}
