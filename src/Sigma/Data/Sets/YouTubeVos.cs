using System.Text.Json;

namespace Sigma.Data.Sets;

/// <summary>
/// YouTube-VOS (Xu et al. 2018; the counts are those of 2019): <c>train/meta.json</c> whose videos list their objects,
/// frames <c>train/JPEGImages/ID/00000.jpg</c> and masks <c>train/Annotations/ID/00000.png</c>, every fifth frame; the same under
/// <c>valid</c>, whose published masks are those of each object's first frame.
/// </summary>
internal static class YouTubeVos
{
    public static DataSetLayout Layout { get; } = new(
        "youtubevos", "YouTube-VOS", DataSetKind.Sequences, 0, [new("train", 3_471), new("valid", 507)], Read);

    private static (IReadOnlyList<string>, IReadOnlyList<DataSetEntry>) Read(DataSetFolder set, string split)
    {
        var (frames, masks) = (set.Folder($"{split}/JPEGImages"), set.Folder($"{split}/Annotations"));
        var entries = new List<DataSetEntry>();
        var meta = set.Annotation($"{split}/meta.json");
        AnnotationFile.Members(meta, (key, videos) =>
        {
            if (key != "videos" || videos.ValueKind != JsonValueKind.Object)
                throw new FormatException($"has {key}, but the file is an object with the member videos, an object a video");
            foreach (var video in videos.EnumerateObject())
            {
                if (video.Value.ValueKind != JsonValueKind.Object || !video.Value.TryGetProperty("objects", out var objects) || objects.ValueKind != JsonValueKind.Object)
                    throw new FormatException($"names no objects for {video.Name}");
                entries.Add(new(video.Name, Path.Combine(frames, video.Name)) { Masks = Path.Combine(masks, video.Name), Marked = Marked(video.Name, objects) });
            }
        });
        return ([], [.. entries.OrderBy(e => e.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The frames in which any object of a video is marked.</summary>
    private static string[] Marked(string video, JsonElement objects)
    {
        try
        {
            return [.. objects.EnumerateObject().SelectMany(item => item.Value.GetProperty("frames").EnumerateArray().Select(frame => frame.GetString()!))
                .Distinct().Order(StringComparer.Ordinal)];
        }
        catch (Exception problem) when (problem is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"names no frames for an object of {video}", problem);
        }
    }
}
