using System.Globalization;
using Sigma.Media;

namespace Sigma.Data.Synthesis;

/// <summary>
/// Renders videos of moving objects with their masks, laid out as DAVIS-2017: what segmentation is tried on without a
/// download.
/// </summary>
/// <param name="videos">how many</param>
/// <param name="seed">the same seed gives the same pictures</param>
public sealed class ObjectSet(int videos, long seed)
{
    /// <summary>What it is called on the command line.</summary>
    public const string Preset = "objects";

    /// <summary>Videos unless told otherwise.</summary>
    public const int DefaultVideos = 10;

    /// <summary>Frames of a video.</summary>
    public const int Frames = 24;

    /// <summary>Height and width of the frames, pixels.</summary>
    public const int Size = 240;

    private readonly int videos = videos > 0 ? videos : throw new BadInputException(FormattableString.Invariant($"{videos} videos make no set"));

    /// <summary>Writes <c>JPEGImages/480p</c>, <c>Annotations/480p</c> and <c>ImageSets/2017/val.txt</c>.</summary>
    /// <param name="folder">where; it is made</param>
    /// <param name="cancellation">stops between two videos</param>
    /// <exception cref="MediaException">a picture cannot be encoded or written</exception>
    public void Write(string folder, CancellationToken cancellation = default)
    {
        string[] names = [.. Enumerable.Range(0, videos).Select(i => string.Create(CultureInfo.InvariantCulture, $"objects-{i:D3}"))];
        Parallel.For(0, videos, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var random = new CounterRandom(seed, 0, i, Purpose.Synthesis);
            Write(ObjectScenes.Draw(Size, ref random), Made(folder, "JPEGImages", "480p", names[i]), Made(folder, "Annotations", "480p", names[i]));
        });
        WholeFile.WriteLines(Path.Combine(Made(folder, "ImageSets", "2017"), "val.txt"), names);
    }

    private static void Write(Scene scene, string pictures, string masks)
    {
        for (var frame = 0; frame < Frames; frame++)
        {
            var (rgb, numbers) = (new byte[Size * Size * 3], new byte[Size * Size]);
            scene.Render(frame, Size, rgb);
            scene.RenderMask(frame, Size, numbers);
            var name = frame.ToString("D5", CultureInfo.InvariantCulture);
            JpegImage.Write(Path.Combine(pictures, name + ".jpg"), Size, Size, rgb);
            new MaskImage(Size, Size, numbers).Write(Path.Combine(masks, name + ".png"));
        }
    }

    private static string Made(params string[] parts) => Directory.CreateDirectory(Path.Combine(parts)).FullName;
}
