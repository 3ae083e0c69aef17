using Sigma.Data.Sets;

namespace Sigma.Evaluation.Segmentation;

/// <summary>A data set of videos with masks of objects, and how it is evaluated.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Frames">Frames of a clip in the published protocol.</param>
/// <param name="Split">The split that is evaluated unless told otherwise.</param>
public sealed record SegmentationSet(string Name, int Frames, string Split)
{
    /// <summary>Every set.</summary>
    public static IReadOnlyList<SegmentationSet> All { get; } = [new("davis2017", 16, "val"), new("youtubevos", 4, "valid")];

    /// <summary>
    /// A clip of every video of a split: evenly spread frames of those that have masks. A video in which nothing is marked is
    /// left out.
    /// </summary>
    /// <param name="root">The folder the set was unpacked in.</param>
    /// <param name="split">Which split.</param>
    /// <exception cref="BadInputException">A file of the set is missing; the message names it.</exception>
    public IReadOnlyList<SegmentationVideo> Clips(string root, string split)
    {
        var set = DataSetLayout.Named(Name).Read(root, split);
        var videos = set.Entries.Where(entry => entry.Marked is not { Count: 0 }).Select(SegmentationVideo.Of).ToList();
        return videos.Count > 0
            ? [.. videos.Select(video => video.Spread(Frames))]
            : throw new BadInputException($"{root}: the split {split} of {set.Layout.Title} lists no video with masks");
    }
}
