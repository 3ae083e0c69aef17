using System.Globalization;

namespace Sigma.Training.Report;

/// <summary>The videos of a run that could not be read, as its page shows them.</summary>
internal static class SetAsideTable
{
    private const int Shown = 20;

    /// <summary>How many there are.</summary>
    public static (string Name, string Value) Fact(RunFolder run) => ("videos set aside", Lines(run).Count().ToString(CultureInfo.InvariantCulture));

    /// <summary>The first of them with the reason; no table where there is none.</summary>
    public static IEnumerable<ReportTable> Of(RunFolder run)
    {
        string[] lines = [.. Lines(run)];
        if (lines.Length > 0)
        {
            yield return new("Videos set aside", ["video", "reason"], [.. lines.Take(Shown).Select(line => line.Split('\t', 2))],
                lines.Length > Shown ? $"These are the first of {lines.Length}; all stand in {Path.GetFileName(run.Unreadable)}." : null);
        }
    }

    private static IEnumerable<string> Lines(RunFolder run) => File.Exists(run.Unreadable) ? File.ReadLines(run.Unreadable) : [];
}
