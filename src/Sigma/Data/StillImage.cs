namespace Sigma.Data;

/// <summary>Pictures, which are read as videos of one frame.</summary>
internal static class StillImage
{
    private static readonly HashSet<string> Endings = new(["jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a path has a picture's ending.</summary>
    public static bool IsImage(string path) => Path.GetExtension(path) is { Length: > 1 } ending && Endings.Contains(ending[1..]);
}
