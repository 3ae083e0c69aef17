using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Board;
using Sigma.Training.Report;

namespace Sigma.Tests.Board;

[Trait("Category", "board")]
public sealed class GrowingTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sigma-test-");

    private string File => Path.Combine(folder.FullName, "file");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void However_long_a_curve_becomes_it_stays_small_and_loses_no_spike()
    {
        var curve = new GrowingCurve(most: 100);
        for (var step = 0; step < 54_321; step++)
            curve.Add(step, step switch { 777 => 50, 30_000 => double.NaN, _ => step % 2 });
        Assert.InRange(curve.Stretches.Count, 50, 100);
        Assert.Equal((54_320, 54_321, 1), (curve.Stretches.Sum(s => s.Count), curve.Count, curve.MissingCount));
        Assert.Equal((0, 50), (curve.Stretches.Min(s => s.Lowest), curve.Stretches.Max(s => s.Highest)));
        Assert.Equal((0, 54_320), (curve.Stretches[0].First, curve.Stretches[^1].Last));
        Assert.Equal(curve.Stretches[0].Count, curve.Stretches[^2].Count);
        Assert.Equal(0.5, curve.Stretches[^2].Mean, 2);
    }

    [Fact]
    public void The_mean_of_a_thinned_curve_is_that_of_its_points() => Prop.ForAll<float[]>(values =>
    {
        var curve = new GrowingCurve(most: 6);
        var drawn = values.Where(float.IsFinite).Select(v => Math.Clamp(v, -1e6, 1e6)).ToArray();
        foreach (var (value, step) in drawn.Select((v, i) => (v, i)))
            curve.Add(step, value);
        return drawn.Length == 0 || Math.Abs(curve.Stretches.Sum(s => s.Mean * s.Count) - drawn.Sum()) <= 1e-6 * (1 + drawn.Sum(Math.Abs));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_line_is_read_once_wherever_the_file_was_cut() => Prop.ForAll<int[], int[]>((lengths, cuts) =>
    {
        var text = string.Concat(lengths.Select((length, i) => new string((char)('a' + i % 26), Math.Abs(length % 50)) + "\n"));
        System.IO.File.WriteAllText(File, "");
        var (read, file) = (new StringBuilder(), new GrowingFile(File));
        foreach (var cut in cuts.Select(c => Math.Abs(c % (text.Length + 1))).Order().Append(text.Length))
        {
            System.IO.File.WriteAllText(File, text[..cut]);
            file.Read(line => read.Append(Encoding.UTF8.GetString(line)).Append('\n'), () => Assert.Fail("it only grew"));
        }
        return read.ToString() == text;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_line_without_end_is_passed_over_and_does_not_fill_the_memory()
    {
        var read = new List<string>();
        var file = new GrowingFile(File);
        System.IO.File.WriteAllText(File, "one\n" + new string('x', 3_000_000));
        file.Read(line => read.Add(Encoding.UTF8.GetString(line)), () => { });
        System.IO.File.AppendAllText(File, "x\ntwo\n");
        file.Read(line => read.Add(Encoding.UTF8.GetString(line)), () => { });
        Assert.Equal("one", read[0]);
        Assert.Equal("two", read[^1]);
        Assert.InRange(read.Count, 2, 3);
    }
}
