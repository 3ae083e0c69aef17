using System.Globalization;
using System.Xml.Linq;
using static Sigma.Training.Report.Html;

namespace Sigma.Training.Report;

/// <summary>Lays out clips: a strip of frames above what the encoder sees of them, and a clip beside its nearest.</summary>
internal static class ClipFigures
{
    // Eight frames are one of each slice for the published 16 frames in tubes of 2, and fit a page's width.
    private const int MostFrames = 8, LongestSide = 128;
    private const int NeighbourFrames = 4, NeighbourSide = 64;

    /// <summary>The strip of a clip.</summary>
    /// <exception cref="ArgumentException">The clip's bytes or its mask do not fit its size.</exception>
    public static XElement Strip(ReportClip clip)
    {
        var pictures = new ClipPictures(clip, LongestSide);
        return Element("figure", Class("clip"),
            Element("figcaption", Element("strong", clip.Caption), clip.Hidden is { } hidden ? $" — {Count(hidden)}" : null),
            Element("div", Class("frames"), pictures.Chosen(MostFrames).Select(frame => Element("div",
                Picture(pictures, pictures.Original(frame), $"frame {frame + 1}"),
                clip.Hidden is null ? null : Picture(pictures, pictures.Seen(frame), $"frame {frame + 1} as the encoder sees it"),
                Element("span", Class("number"), (frame + 1).ToString(CultureInfo.InvariantCulture))))));
    }

    /// <summary>A clip and its nearest, each marked as of the same or of another class.</summary>
    /// <exception cref="ArgumentException">A clip's bytes or its mask do not fit its size.</exception>
    public static XElement Neighbours(ReportNeighbours neighbours)
    {
        var right = neighbours.Nearest.Count(n => n.Class == neighbours.QueryClass);
        return Element("section", Class("neighbours"),
            Element("h3", neighbours.QueryClass),
            Element("p", Class("note"), $"{right} of the {neighbours.Nearest.Count} nearest {(right == 1 ? "is" : "are")} of this class."),
            Element("div", Class("cards"),
                Card("query", neighbours.Query, Element("strong", "asked about"), Element("span", neighbours.QueryClass)),
                neighbours.Nearest.Select(near =>
                {
                    var same = near.Class == neighbours.QueryClass;
                    return Card(same ? "right" : "wrong", near.Clip,
                        Element("strong", Class(same ? "good" : "bad"), same ? "✓ same class" : "✗ other class"),
                        Element("span", $"{near.Class}, {near.Similarity.ToString("0.000", CultureInfo.InvariantCulture)}"));
                })));
    }

    private static XElement Card(string name, ReportClip clip, XElement mark, XElement words)
    {
        var pictures = new ClipPictures(clip, NeighbourSide);
        return Element("figure", Class("card " + name),
            Element("div", Class("few"), pictures.Chosen(NeighbourFrames).Select(f => Picture(pictures, pictures.Original(f), $"frame {f + 1}"))),
            Element("figcaption", mark, words, clip.Caption.Length > 0 ? Element("span", Class("note"), clip.Caption) : null));
    }

    private static XElement Picture(ClipPictures size, string address, string words) => Element("img",
        Attribute("src", address), Attribute("width", size.Width), Attribute("height", size.Height), Attribute("alt", words));

    private static string Count(bool[] hidden)
    {
        var count = hidden.Count(h => h);
        return $"{count} of {hidden.Length} tubes hidden ({(100.0 * count / hidden.Length).ToString("0.#", CultureInfo.InvariantCulture)} %)";
    }
}
