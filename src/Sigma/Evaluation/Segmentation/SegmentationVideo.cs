using System.Globalization;
using Sigma.Data.Sets;

namespace Sigma.Evaluation.Segmentation;

/// <summary>Pictures of a video with the mask of each.</summary>
/// <param name="Name">The video's name in its set.</param>
/// <param name="Frames">Paths of the frames, in order.</param>
/// <param name="Masks">Paths of their masks.</param>
public sealed record SegmentationVideo(string Name, IReadOnlyList<string> Frames, IReadOnlyList<string> Masks)
{
    /// <summary>
    /// All frames of a sequence that have masks: those that the annotation tells, else every frame there is.
    /// </summary>
    /// <exception cref="BadInputException">A frame or a mask is missing; the message names the first.</exception>
    internal static SegmentationVideo Of(DataSetEntry entry)
    {
        // A frame without a mask and a mask without a frame both lack something.
        var names = entry.Marked ?? [.. Stems(entry.Path, "*.jpg").Union(Stems(entry.Masks!, "*.png")).Order(StringComparer.Ordinal)];
        if (names.Count == 0)
            throw new BadInputException($"{entry.Path} is missing or holds no .jpg, but {entry.Name} is listed");
        var video = new SegmentationVideo(
            entry.Name, [.. names.Select(name => Path.Combine(entry.Path, name + ".jpg"))], [.. names.Select(name => Path.Combine(entry.Masks!, name + ".png"))]);
        Require("frames", video.Frames, entry.Name);
        Require("masks", video.Masks, entry.Name);
        return video;
    }

    /// <summary>Evenly spread frames: the middles of as many equal parts. A shorter video gives some of its frames several times.</summary>
    public SegmentationVideo Spread(int frames)
    {
        int[] chosen = [.. Enumerable.Range(0, frames).Select(i => (int)((i + 0.5) * Frames.Count / frames))];
        return new(Name, [.. chosen.Select(i => Frames[i])], [.. chosen.Select(i => Masks[i])]);
    }

    private static void Require(string what, IReadOnlyList<string> paths, string name)
    {
        var missing = paths.Where(path => !File.Exists(path)).ToList();
        if (missing.Count > 0)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{missing[0]} is missing: of the {paths.Count} {what} of {name}, {missing.Count} {(missing.Count == 1 ? "is" : "are")} not there{Advice(what, missing[0])}"));
    }

    // What is handed out as YouTube-VOS's valid split cannot be scored.
    private static string Advice(string what, string path) => what == "masks" && path.Contains($"{Path.DirectorySeparatorChar}valid{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
        ? " (the public valid split of YouTube-VOS has only the first mask of each object; --split train has all)"
        : "";

    private static IEnumerable<string> Stems(string folder, string pattern) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, pattern).Select(path => Path.GetFileNameWithoutExtension(path)!)
        : [];
}
