using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Sigma.Training.Report;

namespace Sigma.Tests.Training.Report;

[Trait("Category", "report")]
public class CurveChartTests
{
    private static XElement Draw(params (double Step, double Value)[] points) => CurveChart.Figure(new ReportCurve("Loss", "nats", points));

    private static string Data(XElement figure, string name) =>
        (string)figure.Descendants("path").Single(p => (string?)p.Attribute("class") == name).Attribute("d")!;

    private static bool HoldsOnlyNumbersOnTheChart(XElement figure) => figure.Descendants().Attributes()
        .Where(a => a.Name.LocalName is "d" or "x" or "y" or "x1" or "x2" or "y1" or "y2" or "width" or "height")
        .All(a => !Regex.IsMatch(a.Value, "NaN|Infinity|∞|E") &&
            Regex.Matches(a.Value, @"-?[0-9.]+").All(n => double.Parse(n.Value, CultureInfo.InvariantCulture) is >= -10 and <= 450));

    [Fact]
    public void No_point_is_told_in_a_sentence()
    {
        var figure = Draw();

        Assert.Empty(figure.Descendants("svg"));
        Assert.Contains("No finite value was recorded.", figure.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void One_point_is_a_mark_within_its_axes()
    {
        var figure = Draw((120, 3.2));

        Assert.Matches("^M[0-9.]+ [0-9.]+h0$", Data(figure, "marks"));
        Assert.True(HoldsOnlyNumbersOnTheChart(figure));
        Assert.Equal("step 120: 3.2", figure.Descendants("title").Single().Value);
    }

    [Fact]
    public void Values_that_are_not_finite_are_counted_and_marked()
    {
        var figure = Draw((1, 1), (2, double.NaN), (3, double.PositiveInfinity), (4, 2));

        Assert.Contains("2 of 4 values are not finite", figure.Value, StringComparison.Ordinal);
        Assert.Equal(2, Data(figure, "crosses").Count(c => c == 'M'));
        Assert.True(HoldsOnlyNumbersOnTheChart(figure));
    }

    [Fact]
    public void A_curve_of_nothing_finite_says_so()
    {
        var figure = Draw((1, double.NaN), (2, double.NegativeInfinity));

        Assert.Empty(figure.Descendants("svg"));
        Assert.Contains("2 of 2 values are not finite", figure.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_points_give_a_chart_of_numbers_within_its_frame() => Prop.ForAll<(double, double)[], double>((points, reference) =>
        HoldsOnlyNumbersOnTheChart(CurveChart.Figure(new ReportCurve("Loss", "", points, reference, "level")))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_hundred_thousand_points_are_thinned_and_no_spike_is_lost()
    {
        var points = Enumerable.Range(0, 100_000).Select(i => ((double)i, i == 54_321 ? 100.0 : Math.Sin(i))).ToArray();

        var samples = CurveSamples.Of(new ReportCurve("Loss", "", points));

        Assert.InRange(Draw(points).ToString().Length, 1000, 60_000);
        Assert.Equal(100, samples.Stretches.Max(s => s.Highest));
        Assert.Equal((0, 99_999), (samples.Stretches[0].First, samples.Stretches[^1].Last));
    }

    [Fact]
    public void A_straight_line_stays_where_it_is_when_smoothed()
    {
        var samples = CurveSamples.Of(new ReportCurve("Loss", "", [.. Enumerable.Range(0, 1000).Select(i => ((double)i, 3.0 - i))]));

        Assert.True(samples.Smoothed);
        Assert.All(samples.Line, p => Assert.Equal(3 - p.Step, p.Value, 1e-9));
    }

    [Fact]
    public void Steps_out_of_order_are_drawn_in_order()
    {
        var samples = CurveSamples.Of(new ReportCurve("Loss", "", [(3, 30), (1, 10), (2, 20)]));

        Assert.Equal([(1, 10), (2, 20), (3, 30)], samples.Line);
    }

    [Fact]
    public void The_level_to_compare_with_lies_on_the_chart_and_has_its_name()
    {
        var figure = CurveChart.Figure(new ReportCurve("Loss", "", [(0, 1), (1, 2)], Math.Log(64), "ln K"));

        Assert.Contains(figure.Descendants("text"), t => t.Value == "ln K 4.159");
        Assert.True(HoldsOnlyNumbersOnTheChart(figure));
    }

    [Theory]
    [InlineData(0, 480, "0 100 200 300 400")]
    [InlineData(2.6, 4.2, "3.0 3.5 4.0")]
    [InlineData(0, 1.5e-4, "0 5e-5 1e-4 1.5e-4")]
    [InlineData(-1, 1, "-1.0 -0.5 0 0.5 1.0")]
    [InlineData(0, 3e6, "0 1e6 2e6 3e6")]
    public void Ticks_stand_at_round_values(double low, double high, string labels)
    {
        var axis = Axis.Covering(low, high, 5);

        Assert.Equal(labels, string.Join(' ', axis.Ticks().Select(axis.Label)));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(3.14159, "3.142")]
    [InlineData(12345.6, "12346")]
    [InlineData(0.001, "0.001")]
    [InlineData(1.5e-5, "1.5e-5")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(2e9, "2e9")]
    public void Numbers_are_read_in_four_figures(double value, string text) => Assert.Equal(text, Html.Number(value));
}
