using System.Globalization;

namespace Sigma.Evaluation.Segmentation;

/// <summary>A video of a segmentation set: its frames as pictures, and the mask of each.</summary>
/// <param name="Name">The video's name in the set.</param>
/// <param name="Frames">Paths of the frames, in order.</param>
/// <param name="Masks">Paths of their masks.</param>
public sealed record SegmentationVideo(string Name, IReadOnlyList<string> Frames, IReadOnlyList<string> Masks)
{
    /// <summary>
    /// Evenly spread frames: the middles of as many equal parts. A shorter video gives some of its frames several times.
    /// </summary>
    public SegmentationVideo Spread(int frames)
    {
        int[] chosen = [.. Enumerable.Range(0, frames).Select(i => (int)((i + 0.5) * Frames.Count / frames))];
        return new(Name, [.. chosen.Select(i => Frames[i])], [.. chosen.Select(i => Masks[i])]);
    }

    /// <summary>The video whose frames have these names in a folder of pictures and a folder of masks.</summary>
    /// <param name="name">Of the video.</param>
    /// <param name="frames">Names of the frames without endings, in order.</param>
    /// <param name="pictures">The video's folder of JPEG frames.</param>
    /// <param name="masks">The video's folder of PNG masks.</param>
    /// <param name="advice">What to do where a mask is missing; may be empty.</param>
    /// <exception cref="BadInputException">A frame or mask is missing; the message names the first.</exception>
    internal static SegmentationVideo In(string name, IReadOnlyList<string> frames, string pictures, string masks, string advice)
    {
        var video = new SegmentationVideo(
            name, [.. frames.Select(frame => Path.Combine(pictures, frame + ".jpg"))], [.. frames.Select(frame => Path.Combine(masks, frame + ".png"))]);
        Require("frame", video.Frames, "");
        Require("mask", video.Masks, advice);
        return video;

        void Require(string what, IReadOnlyList<string> paths, string why)
        {
            var missing = paths.Where(path => !File.Exists(path)).ToList();
            if (missing.Count > 0)
                throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                    $"{missing[0]} is missing: {missing.Count} of the {paths.Count} {what}s of {name} {(missing.Count == 1 ? "is" : "are")} not there{why}"));
        }
    }
}
