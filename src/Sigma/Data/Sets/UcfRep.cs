using System.Globalization;

namespace Sigma.Data.Sets;

/// <summary>
/// UCFRep (Zhang et al. 2020), repetitions counted in videos of UCF101: <c>annotations/repetition_label/CLASS.txt</c> has, for
/// every video, its name and in the next line the frames where repetitions begin and end; <c>annotations/train</c> and
/// <c>annotations/val</c> have a file NAME.mat a video, whose names make the splits. Videos as in UCF101. The annotation holds
/// from the first of the frames to the last, and b frames bound b − 1 repetitions.
/// </summary>
internal static class UcfRep
{
    public static DataSetLayout Layout { get; } = new(
        "ucfrep", "UCFRep", DataSetKind.CountedVideos, 0, [new("train", 421), new("val", 105)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var annotations = set.Folder("annotations", "ucf526/annotations");
        var (lists, labels) = (Path.Combine(annotations, split), Path.Combine(annotations, "repetition_label"));
        foreach (var needed in new[] { lists, labels })
        {
            if (!Directory.Exists(needed))
                throw new AnnotationMissingException($"there is no folder {needed}: is ucf526_annotations.zip unpacked there?");
        }
        var wanted = Directory.EnumerateFiles(lists, "*.mat").Select(f => Path.GetFileNameWithoutExtension(f)).ToHashSet();
        var videos = Ucf101.Videos(set);
        var entries = new List<DataSetEntry>();
        foreach (var file in Directory.EnumerateFiles(labels, "*.txt").Order(StringComparer.Ordinal))
        {
            string? name = null;
            AnnotationFile.Lines(file, line =>
            {
                if (name is null)
                {
                    name = line;
                    return;
                }
                var video = name;
                name = null;
                var folder = Path.Combine(videos, Path.GetFileNameWithoutExtension(file));
                if (wanted.Remove(video))
                    entries.Add(Entry(video, set.Media(folder, video, ".avi"), line));
            });
            if (name is not null)
                throw new ManifestException(file, $"ends with {name}, without the frames that belong to it");
        }
        if (wanted.Count > 0)
            throw new ManifestException(labels, $"has no frames for {wanted.Count} videos of {split}: {string.Join(", ", wanted.Order(StringComparer.Ordinal).Take(3))}");
        return ([], [.. entries.OrderBy(e => e.Name, StringComparer.Ordinal)]);
    }

    private static DataSetEntry Entry(string name, string path, string line)
    {
        int[] bounds = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var frame) && frame > 0 ? frame : throw new FormatException($"has {text} for {name}, which is no frame: they count from 1"))];
        return bounds.Length >= 2 && bounds.Zip(bounds.Skip(1)).All(p => p.First < p.Second)
            ? new(name, path) { Count = bounds.Length - 1, Frames = new(bounds[0] - 1, bounds[^1] - 1) }
            : throw new FormatException($"has the frames {line} for {name}, but a repetition needs two, rising");
    }
}
