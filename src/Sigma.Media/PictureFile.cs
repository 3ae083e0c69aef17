namespace Sigma.Media;

/// <summary>What the kinds of picture files have in common.</summary>
internal static class PictureFile
{
    /// <summary>Refuses sizes and buffers that make no picture.</summary>
    /// <param name="width">pixels</param>
    /// <param name="height">pixels</param>
    /// <param name="channels">bytes of a pixel</param>
    /// <param name="length">bytes of the buffer</param>
    public static void Check(int width, int height, int channels, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (length != (long)width * height * channels)
            throw new ArgumentException($"a picture of {width}×{height} has {(long)width * height * channels} bytes, not {length}");
    }

    /// <summary>Writes a file that appears under its name when it is whole.</summary>
    public static void Write(string path, byte[] bytes)
    {
        string partial = path + ".partial";
        try
        {
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(partial);
            throw;
        }
    }
}
