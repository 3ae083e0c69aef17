using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Data;

namespace Sigma.Tests.Data;

[Trait("Category", "data")]
public sealed class ManifestPropertyTests : IDisposable
{
    private readonly ClipFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Quoted_paths_and_labels_come_back_as_they_were_written()
    {
        var text = Gen.Elements("ab/.-\"', \t#;é日\u2028".ToCharArray()).NonEmptyListOf().Select(letters => string.Concat(letters));
        var rows = Gen.Zip(text, text).Where(row => !row.Item2.EndsWith(".ab", StringComparison.Ordinal)).NonEmptyListOf();
        Prop.ForAll(rows.ToArbitrary(), list =>
        {
            string Lines(char separator) => string.Concat(list.Select(row => $"{Quoted(row.Item1)}{separator}{Quoted(row.Item2)}\n"));
            return Holds("list.txt", Lines(' '), list) && Holds("list.csv", "path,label\n" + Lines(','), list);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_text_is_read_or_refused_with_its_line()
    {
        var text = Gen.Elements("a. \t\"#,\n\r12".ToCharArray()).ListOf().Select(letters => string.Concat(letters));
        Prop.ForAll(text.ToArbitrary(), Gen.Elements("list.txt", "list.csv").ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (content, name, labels) =>
        {
            try
            {
                return Manifest.Load(files.WriteText(name, content), labels).Count > 0;
            }
            catch (ManifestException e)
            {
                return e.Problems.Count > 0 && e.Problems.All(problem => problem.Line is null or > 0);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_hundred_thousand_videos_load_within_a_second_in_less_than_200_bytes_each()
    {
        const int count = 100_000;
        var list = files["list.txt"];
        File.WriteAllLines(list, Enumerable.Range(0, count).Select(i => $"a/folder/with/a/name/of/some/length/video number {i:000000}.mp4\tclass {i % 174}"));
        Manifest.Load(list, labels: true); // what is compiled and grown once

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = ThreadSeconds();
        var manifest = Manifest.Load(list, labels: true);
        var seconds = ThreadSeconds() - start;
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)manifest.Count;

        Assert.Equal(count, manifest.Count);
        Assert.True(bytes < 200, $"{bytes:F0} bytes an entry");
        Assert.True(seconds < 1, $"{seconds:F2} s");
    }

    /// <summary>Time this thread has computed, which other tests beside it do not stretch.</summary>
    private static double ThreadSeconds()
    {
        const double ticksPerSecond = 100;
        var fields = File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ');
        return fields[11..13].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / ticksPerSecond;
    }

    private bool Holds(string name, string text, List<(string Path, string Label)> rows)
    {
        var manifest = Manifest.Load(files.WriteText(name, text), labels: true);
        return manifest.Count == rows.Count && rows.Select((row, i) => (row, manifest[i])).All(pair =>
            pair.Item2.Path == Path.Combine(files.Folder, pair.row.Path) && manifest.Classes[pair.Item2.Label!.Value] == pair.row.Label);
    }

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
