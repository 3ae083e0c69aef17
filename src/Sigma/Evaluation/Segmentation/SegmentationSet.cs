using System.Text.Json;

namespace Sigma.Evaluation.Segmentation;

/// <summary>A data set of videos with masks of objects, in its original layout.</summary>
public sealed class SegmentationSet
{
    /// <summary>
    /// DAVIS-2017: <c>JPEGImages/480p/VIDEO/*.jpg</c>, <c>Annotations/480p/VIDEO/*.png</c>, and the videos of a split in
    /// <c>ImageSets/2017/SPLIT.txt</c>, a name a line. 16 frames a clip.
    /// </summary>
    public static readonly SegmentationSet Davis2017 = new("davis2017", 16, "val", ReadDavis);

    /// <summary>
    /// YouTube-VOS: in the folder of a split <c>JPEGImages/VIDEO/*.jpg</c>, <c>Annotations/VIDEO/*.png</c>, and
    /// <c>meta.json</c> with the frames in which each object of a video is marked. 4 frames a clip, of those marked.
    /// </summary>
    public static readonly SegmentationSet YouTubeVos = new("youtubevos", 4, "valid", ReadYouTubeVos);

    private readonly Func<string, string, IEnumerable<SegmentationVideo>> read;

    private SegmentationSet(string name, int frames, string split, Func<string, string, IEnumerable<SegmentationVideo>> read) =>
        (Name, Frames, Split, this.read) = (name, frames, split, read);

    /// <summary>Every set.</summary>
    public static IReadOnlyList<SegmentationSet> All { get; } = [Davis2017, YouTubeVos];

    /// <summary>What it is called on the command line.</summary>
    public string Name { get; }

    /// <summary>Frames of a clip in the published protocol.</summary>
    public int Frames { get; }

    /// <summary>The split that is evaluated unless told otherwise.</summary>
    public string Split { get; }

    /// <summary>The videos of a split, in the order of the set's own list.</summary>
    /// <param name="root">The folder of the set.</param>
    /// <param name="split">Which split.</param>
    /// <exception cref="BadInputException">Something of the layout is missing or malformed; the message names it.</exception>
    public IReadOnlyList<SegmentationVideo> Read(string root, string split)
    {
        var videos = read(root, split).ToList();
        return videos.Count > 0 ? videos : throw new BadInputException($"{root}: the split {split} of {Name} lists no video");
    }

    private static IEnumerable<SegmentationVideo> ReadDavis(string root, string split)
    {
        const string resolution = "480p", year = "2017";
        var list = Path.Combine(root, "ImageSets", year, split + ".txt");
        if (!File.Exists(list))
            throw new BadInputException($"{list} is missing: DAVIS-2017 is a folder with JPEGImages/{resolution}, Annotations/{resolution} and ImageSets/{year}");
        foreach (var name in File.ReadLines(list).Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            var (pictures, masks) = (Path.Combine(root, "JPEGImages", resolution, name), Path.Combine(root, "Annotations", resolution, name));
            // A frame without a mask and a mask without a frame are both missing something.
            string[] frames = [.. Stems(pictures, "*.jpg").Union(Stems(masks, "*.png")).Order(StringComparer.Ordinal)];
            yield return frames.Length > 0
                ? SegmentationVideo.In(name, frames, pictures, masks, "")
                : throw new BadInputException($"{pictures} is missing or empty, but {list} lists {name}");
        }
    }

    private static IEnumerable<SegmentationVideo> ReadYouTubeVos(string root, string split)
    {
        const string advice = " (the public valid split has only the first mask of each object; --split train has all masks)";
        var folder = Path.Combine(root, split);
        var meta = Path.Combine(folder, "meta.json");
        if (!File.Exists(meta))
            throw new BadInputException($"{meta} is missing: YouTube-VOS is a folder with {split}/JPEGImages, {split}/Annotations and {split}/meta.json");
        foreach (var (name, frames) in MarkedFrames(meta))
            yield return SegmentationVideo.In(name, frames, Path.Combine(folder, "JPEGImages", name), Path.Combine(folder, "Annotations", name), advice);
    }

    /// <summary>Each video of a meta.json, with the frames in which any of its objects is marked, in order.</summary>
    private static List<(string Name, string[] Frames)> MarkedFrames(string meta)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(meta));
            return [.. document.RootElement.GetProperty("videos").EnumerateObject().Select(video => (
                video.Name,
                video.Value.GetProperty("objects").EnumerateObject()
                    .SelectMany(item => item.Value.GetProperty("frames").EnumerateArray().Select(frame => frame.GetString()!))
                    .Distinct().Order(StringComparer.Ordinal).ToArray())).Where(video => video.Item2.Length > 0)];
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new BadInputException($"{meta} is no list of videos with their objects and frames: {problem.Message}", problem);
        }
    }

    private static IEnumerable<string> Stems(string folder, string pattern) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, pattern).Select(path => Path.GetFileNameWithoutExtension(path)!)
        : [];
}
