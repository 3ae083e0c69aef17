using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sigma.Training;

namespace Sigma.Board;

/// <summary>What a run's <c>log.txt</c> tells besides its figures: how many updates there will be, an alarm, and what ended it.</summary>
/// <param name="path">The file, which need not exist yet.</param>
internal sealed partial class LogStory(string path)
{
    private const int Time = 21; // "2026-11-21 15:10:36Z "
    private const int MostOfALine = 500;

    private readonly GrowingFile file = new(path);

    /// <summary>Updates that the run will have done when it ends; null where that is not told.</summary>
    public long? Total { get; private set; }

    /// <summary>What the alarm for collapse said since the run began or went on; null for nothing.</summary>
    public string? Alarm { get; private set; }

    /// <summary>What ended a run that failed; null where it did not, or went on since.</summary>
    public string? Ended { get; private set; }

    /// <summary>Reads on.</summary>
    public void Read() => file.Read(Take, Forget);

    private void Forget() => (Total, Alarm, Ended) = (null, null, null);

    private void Take(ReadOnlySpan<byte> line)
    {
        // What goes on in a second line has no time before it.
        if (line.Length <= Time || line[4] != '-' || line[Time - 2] != 'Z')
            return;
        var text = Encoding.UTF8.GetString(line[Time..Math.Min(line.Length, Time + MostOfALine)]);
        Ended = text.StartsWith(RunLog.Ended, StringComparison.Ordinal) ? text[RunLog.Ended.Length..] : null;
        if (text.StartsWith("collapse at step ", StringComparison.Ordinal))
            Alarm = text;
        if (Beginning().Match(text) is { Success: true } begun)
            (Total, Alarm) = (Number(begun), null);
        else if (Progress().Match(text) is { Success: true } step)
            Total = Number(step);
    }

    private static long? Number(Match match) => long.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@" steps an epoch, (\d+) steps")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"^step \d+/(\d+) ")]
    private static partial Regex Progress();
}
