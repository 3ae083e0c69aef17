using System.Text.RegularExpressions;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Training.Report;

namespace Sigma.Tests.Training.Report;

[Trait("Category", "report")]
public class HtmlReportTests
{
    private const string Hostile = "<script>alert(\"x\" & 'y')</script>]]>&amp;\0\ud800 é 視";

    private static ReportClip Clip(string caption, int seed, bool[]? hidden = null)
    {
        var rgb = new byte[8 * 48 * 48 * 3];
        new Random(seed).NextBytes(rgb);
        return new ReportClip(caption, 8, 48, 48, rgb, hidden, 2, 16);
    }

    private static bool[] Mask() => [.. Enumerable.Range(0, 36).Select(i => i % 9 != 4)];

    /// <summary>A report with every part, all words of which are the given text.</summary>
    private static RunReport Full(string text) => new()
    {
        Title = text,
        Summary = text,
        Facts = [(text, text)],
        Tables = [new ReportTable(text, [text, text], [[text, "1.5 %"], [text]], text)],
        Curves = [new ReportCurve(text, text, [.. Enumerable.Range(0, 500).Select(i => ((double)i, Math.Sin(i / 50.0)))], 0.5, text)],
        Clips = [Clip(text, 1, Mask())],
        Neighbours = [new ReportNeighbours(Clip(text, 2), text, [(Clip(text, 3), text, 0.9), (Clip(text, 4), "another", 0.8)])],
    };

    private static XElement Parse(string page)
    {
        Assert.StartsWith("<!DOCTYPE html>\n", page, StringComparison.Ordinal);
        return XDocument.Parse(page, LoadOptions.PreserveWhitespace).Root!;
    }

    [Fact]
    public void The_page_reads_as_xml_and_holds_every_part()
    {
        var page = Parse(HtmlReport.Render(Full("some words")));

        Assert.Equal("some words", page.Descendants("title").First().Value);
        Assert.Equal(["some words", "Training", "Clips and their masks", "Nearest neighbours", "The run"], page.Descendants("h2").Select(h => h.Value));
        Assert.Equal(8 * 2 + 3 * 4, page.Descendants("img").Count());
    }

    [Fact]
    public void Text_is_escaped_wherever_it_stands()
    {
        var page = HtmlReport.Render(Full(Hostile));

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        var told = Hostile.Replace('\0', '\uFFFD').Replace('\ud800', '\uFFFD');
        var root = Parse(page);
        Assert.Equal(told, root.Descendants("h1").Single().Value);
        Assert.All(root.Descendants("dt").Concat(root.Descendants("dd")), e => Assert.Equal(told, e.Value));
    }

    [Fact]
    public void Any_title_comes_back_from_the_markup() => Prop.ForAll<NonNull<string>>(title =>
    {
        var parsed = Parse(HtmlReport.Render(new RunReport { Title = title.Get, Summary = title.Get }));
        return parsed.Descendants("h1").Single().Value.Length == title.Get.ReplaceLineEndings("\n").Length;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_is_fetched_and_nothing_is_run()
    {
        var page = HtmlReport.Render(Full("some words"));

        Assert.DoesNotMatch(new Regex("https?:|src=\"(?!data:)|href=\"(?!data:)|url\\(|@import|<script|<iframe| on[a-z]+=", RegexOptions.IgnoreCase), page);
    }

    [Fact]
    public void Only_elements_that_html_closes_by_itself_are_closed_by_themselves()
    {
        var names = Regex.Matches(HtmlReport.Render(Full("")), "<([a-z0-9]+)[^>]*/>").Select(m => m.Groups[1].Value).Distinct().Order();

        Assert.Equal(["img", "link", "meta"], names);
    }

    [Fact]
    public void The_style_reads_the_same_as_html_and_as_xml() =>
        Assert.Equal(-1, ReportStyle.Css.AsSpan().IndexOfAny('<', '>', '&'));

    [Fact]
    public void A_report_of_words_alone_has_no_empty_sections()
    {
        var page = Parse(HtmlReport.Render(new RunReport { Title = "a", Summary = "b" }));

        Assert.Empty(page.Descendants("h2"));
    }

    [Fact]
    public void Right_and_wrong_neighbours_are_told_in_words()
    {
        var page = Parse(HtmlReport.Render(Full("left")));
        var cards = page.Descendants("figure").Where(f => ((string?)f.Attribute("class"))!.StartsWith("card", StringComparison.Ordinal)).ToArray();

        Assert.Equal(["asked about", "✓ same class", "✗ other class"], cards.Select(c => c.Descendants("strong").Single().Value));
        Assert.Contains("another, 0.800", cards[2].Value, StringComparison.Ordinal);
        Assert.Contains("1 of the 2 nearest is of this class.", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_of_numbers_are_set_to_the_right()
    {
        var table = new ReportTable("t", ["Features", "Probe", "kNN", "Words"], [["trained", "61.3 %", "48.0 ± 0.4", "good"], ["pixels", "–", "−1"]]);
        var header = Parse(HtmlReport.Render(new RunReport { Title = "a", Summary = "b", Tables = [table] })).Descendants("thead").Descendants("th");

        Assert.Equal([null, "number", "number", null], header.Select(h => (string?)h.Attribute("class")));
    }

    [Fact]
    public void Six_clips_and_their_neighbours_stay_below_three_megabytes()
    {
        // Noise is the worst a PNG can be given.
        var report = Full("some words") with
        {
            Clips = [.. Enumerable.Range(0, 6).Select(i => Clip("a clip", i, Mask()))],
            Neighbours = [.. Enumerable.Range(0, 6).Select(q => new ReportNeighbours(
                Clip("", q), "left", [.. Enumerable.Range(1, 5).Select(n => (Clip("", 10 * q + n), "left", 0.5))]))],
        };

        Assert.InRange(HtmlReport.Render(report).Length, 0, 3_000_000);
    }

    [Fact]
    public void The_file_replaces_an_earlier_one_and_nothing_is_left_beside_it()
    {
        var folder = Directory.CreateTempSubdirectory("sigma-report-").FullName;
        try
        {
            var path = Path.Combine(folder, "report.html");
            File.WriteAllText(path, "an earlier report");

            HtmlReport.Write(path, new RunReport { Title = "视频", Summary = "b" });

            Assert.Equal([path], Directory.GetFileSystemEntries(folder));
            Assert.Equal("视频", Parse(File.ReadAllText(path)).Descendants("h1").Single().Value);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
